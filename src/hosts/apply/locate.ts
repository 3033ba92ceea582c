import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { onPath } from '../../lib/files/problem.ts';
import { type Problem, usage } from '../../lib/problem.ts';
import { PostfixPrograms } from '../programs/postfix-programs.ts';
import type { RunProgram } from '../programs/programs.ts';

/** Which Postfix of this host is meant; neither: the first one. */
export interface LocateRequest {
  /** As the operator names it, relative to `cwd`. */
  readonly configDir: string | undefined;
  readonly instance: string | undefined;
  readonly cwd: string;
}

/** The Postfix that a folder is to go to. */
export interface Located {
  readonly programs: PostfixPrograms;
  /** Its configuration directory. */
  readonly config: string;
  /** True when that is the one that Postfix's programs take by themselves. */
  readonly isFirst: boolean;
  /** As Postfix itself says it, e.g. `3.7.11` or `3.12-20260101`. */
  readonly version: string;
  readonly major: number;
  readonly minor: number;
  /** The names by which this host goes. */
  readonly names: readonly string[];
  readonly notices: readonly Problem[];
}

/**
 * Finds the Postfix of this host: of the directory that is named with -c, of the instance that is named, or of the first.
 * @throws CertrelayError (usage) when there is none, and for a user other than root.
 */
export function locate(request: LocateRequest, run: RunProgram): Located {
  if (process.geteuid?.() !== 0) throw usage('not-root', 'only root can apply this', 'run it with sudo(8)');
  const first = run('postconf', ['-h', 'config_directory']);
  if (first.status === 127) {
    throw usage('no-postfix', 'no Postfix on this host: "postconf" is not found', 'install Postfix first');
  }
  const instances = instancesOf(run);
  const config = directoryOf(request, instances) ?? first.stdout.trim();
  if (config === '') throw usage('postconf-fails', 'postconf cannot read main.cf', first.stderr.trim().split('\n')[0]);
  checkConfig(config);
  const programs = new PostfixPrograms(run, config);
  // Compiled in, for main.cf could say otherwise.
  const version = programs.postconf('-d', '-h', 'mail_version').stdout.trim();
  const [, major = '', minor = ''] = /^(\d{1,3})\.(\d{1,3})(?:\D|$)/.exec(version) ?? [];
  if (major === '') throw usage('version-unreadable', `cannot read the version of Postfix, "${version}"`);
  const others = instances.filter((one) => one.config !== config);
  const chosen = request.configDir !== undefined || request.instance !== undefined;
  return {
    ...{ programs, config, version, major: Number(major), minor: Number(minor) },
    isFirst: config === first.stdout.trim(),
    names: [programs.expanded('myhostname'), hostname()].map((name) => name.toLowerCase()).filter(Boolean),
    notices: chosen || others.length === 0 ? [] : [manyInstances(config, others)],
  };
}

function directoryOf({ configDir, instance, cwd }: LocateRequest, instances: readonly Instance[]): string | undefined {
  if (configDir !== undefined && instance !== undefined) {
    throw usage('config-twice', '-c and --instance name the same thing', 'give one of them');
  }
  if (configDir === '')
    throw usage(
      'config-empty',
      '-c: the name of the directory is empty',
      'name it, or leave -c out for the first instance',
    );
  if (configDir !== undefined) return resolve(cwd, configDir);
  if (instance === undefined) return undefined;
  const found = instances.find(({ name }) => name === instance);
  if (found !== undefined) return found.config;
  const names = instances.map(({ name }) => name).join(', ');
  throw usage(
    'instance-unknown',
    `this host has no Postfix instance "${instance}"`,
    names === '' ? 'postmulti(1) lists none; name the directory with -c' : `postmulti(1) lists ${names}`,
  );
}

/** postconf(1) replaces main.cf by a new file, so a link would end as a file, and what it led to would stay as it was. */
function checkConfig(config: string): void {
  for (const name of ['main.cf', 'master.cf']) {
    const path = join(config, name);
    const status = onPath('cannot read', path, () => lstatSync(path, { throwIfNoEntry: false }));
    if (status === undefined) throw usage('no-main-cf', `no ${name} in "${config}"`, 'name the directory with -c');
    if (status.isSymbolicLink()) {
      throw usage(
        'main-cf-link',
        `"${path}" is a symbolic link to "${readlinkSync(path)}", and postconf would put a file in its place`,
        `make it a file, or bring the folder's main.cf into what it leads to by hand`,
      );
    }
    if (!status.isFile()) throw usage('main-cf-not', `"${path}" is no file`, '-c names a directory that has a main.cf');
  }
}

function manyInstances(config: string, others: readonly Instance[]): Problem {
  const named = others.map((one) => `${one.name} (${one.config})`).join(', ');
  return {
    code: 'many-instances',
    message: `this host has more than one Postfix instance; "${config}" is the one that is meant`,
    hint: `--instance names another one: ${named}`,
  };
}

/** One Postfix instance of the host, as postmulti(1) lists it. */
interface Instance {
  /** `-` for the first one, which has no name. */
  readonly name: string;
  readonly config: string;
}

/** The instances of this host; empty when postmulti(1) cannot tell. Columns: name, group, enabled, directory. */
export function instancesOf(run: RunProgram): readonly Instance[] {
  const listed = run('postmulti', ['-l']);
  if (listed.status !== 0) return [];
  return listed.stdout.split('\n').flatMap((line) => {
    const [name, , , config] = line.trim().split(/\s+/);
    return name === undefined || config === undefined ? [] : [{ name, config }];
  });
}

const systems = [
  ['.git', 'git', (folder: string) => `git -C ${folder} commit -a`],
  ['.hg', 'Mercurial', (folder: string) => `hg -R ${folder} commit`],
  ['.bzr', 'Bazaar', (folder: string) => `bzr commit ${folder}`],
  ['RCS', 'RCS', (folder: string) => `ci -l ${folder}/main.cf`],
] as const;

/** main.cf is kept in a version control system: its keeper commits, for only he knows what else is to be in the commit. */
export function versionControlled(config: string): Problem | undefined {
  for (let folder = config; folder !== '/'; folder = dirname(folder)) {
    const system = systems.find(([mark]) => existsSync(join(folder, mark)));
    if (system === undefined) continue;
    const [, name, command] = system;
    const keeper = existsSync(join(folder, '.etckeeper')) ? 'etckeeper commit "certrelay apply"' : command(folder);
    return {
      code: 'version-controlled',
      message: `main.cf is under version control (${name} in "${folder}"), and nothing is committed`,
      hint: `commit the change yourself: ${keeper}`,
    };
  }
  return undefined;
}
