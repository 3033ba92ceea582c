import { lstatSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import type { Io, Options } from '../../cli/command.ts';
import { onPath } from '../../lib/files/problem.ts';
import { type Problem, usage } from '../../lib/problem.ts';
import { instancesOf } from '../programs/instances.ts';
import { PostfixPrograms } from '../programs/postfix-programs.ts';
import type { RunProgram } from '../programs/programs.ts';

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
export function locate(options: Options, io: Io, run: RunProgram): Located {
  if (process.geteuid?.() !== 0) throw usage('not-root', 'only root can apply this', 'run it with sudo(8)');
  const first = run('postconf', ['-h', 'config_directory']);
  if (first.status === 127) {
    throw usage('no-postfix', 'no Postfix on this host: "postconf" is not found', 'install Postfix first');
  }
  const instances = instancesOf(run);
  const config = directoryOf(options, io, instances) ?? first.stdout.trim();
  if (config === '') throw usage('postconf-fails', 'postconf cannot read main.cf', first.stderr.trim().split('\n')[0]);
  checkConfig(config);
  const programs = new PostfixPrograms(run, config);
  // Compiled in, for main.cf could say otherwise.
  const version = programs.postconf('-d', '-h', 'mail_version').stdout.trim();
  const [, major = '', minor = ''] = /^(\d{1,3})\.(\d{1,3})(?:\D|$)/.exec(version) ?? [];
  if (major === '') throw usage('version-unreadable', `cannot read the version of Postfix, "${version}"`);
  const others = instances.filter((one) => one.config !== config);
  const chosen = options.configDir !== undefined || options.instance !== undefined;
  return {
    ...{ programs, config, version, major: Number(major), minor: Number(minor) },
    isFirst: config === first.stdout.trim(),
    names: [programs.expanded('myhostname'), hostname()].map((name) => name.toLowerCase()).filter(Boolean),
    notices: chosen || others.length === 0 ? [] : [manyInstances(config, others)],
  };
}

function directoryOf(options: Options, io: Io, instances: ReturnType<typeof instancesOf>): string | undefined {
  const { configDir, instance } = options;
  if (configDir !== undefined && instance !== undefined) {
    throw usage('config-twice', '-c and --instance name the same thing', 'give one of them');
  }
  if (configDir === '')
    throw usage(
      'config-empty',
      '-c: the name of the directory is empty',
      'name it, or leave -c out for the first instance',
    );
  if (typeof configDir === 'string') return resolve(io.cwd, configDir);
  if (typeof instance !== 'string') return undefined;
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

function manyInstances(config: string, others: ReturnType<typeof instancesOf>): Problem {
  const named = others.map((one) => `${one.name} (${one.config})`).join(', ');
  return {
    code: 'many-instances',
    message: `this host has more than one Postfix instance; "${config}" is the one that is meant`,
    hint: `--instance names another one: ${named}`,
  };
}
