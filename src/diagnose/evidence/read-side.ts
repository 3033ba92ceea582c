import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { readText } from '../../lib/files/read.ts';
import type { Span } from '../../lib/problem.ts';
import { type Problem, usage } from '../../lib/problem.ts';
import type { PostfixConfig } from '../../policy/postfix/config.ts';
import type { Place } from '../../policy/smtpd/questions/place.ts';
import { readGiven, withOpenTables } from './audited-server.ts';
import { givenFiles } from './given-files.ts';
import type { ServerRequest } from './given-server.ts';
import { whereSet } from './where.ts';

/** One of the two configurations that are compared. */
export interface Side {
  /** As the user named it. */
  readonly name: string;
  readonly config: PostfixConfig;
  /** The options with which `simulate` looks at it. */
  readonly flags: readonly string[];
  /** How the release was found, where it was not given. */
  readonly release: string;
  readonly problems: readonly Problem[];
  where(place: Place): Span | undefined;
}

/** Reads a main.cf, or a directory with main.cf and perhaps master.cf. Throws a CertrelayError. */
export function readSide(
  given: string,
  { release, service, tables: named = [] }: Pick<ServerRequest, 'release' | 'service' | 'tables'>,
  cwd: string,
): Side {
  const folder = isFolder(resolve(cwd, given));
  const mainCf = folder ? join(given, 'main.cf') : given;
  if (folder && !existsSync(resolve(cwd, mainCf))) {
    throw usage('folder-without-main-cf', `there is no main.cf in "${given}"`, 'name the file itself');
  }
  // A master.cf alone beside a file may belong to anything; a directory is one configuration.
  const master = join(given, 'master.cf');
  const masterCf = folder && existsSync(resolve(cwd, master)) ? master : undefined;
  const tables = [...named, ...below(mainCf, folder, cwd)];
  const files = givenFiles({ mainCf, masterCf, tables }, cwd);
  const problems: Problem[] = [];
  // A service counts where there is a master.cf; the other side may be a postconf -n alone.
  const own = masterCf === undefined ? undefined : service;
  const evidence = readGiven(files, release, own, cwd, problems);
  const { config } = evidence.services[0];
  return {
    name: given,
    config: withOpenTables(evidence.services[0]),
    flags: [
      ...['--postfix', config.version.text, '--main-cf', mainCf],
      ...(masterCf === undefined ? [] : ['--master-cf', masterCf]),
      ...(own === undefined ? [] : ['--service', own]),
      ...tables.flatMap((pair) => ['--table', pair]),
    ],
    release:
      evidence.release.how === 'guessed'
        ? `Postfix ${config.version.text} is a guess for "${given}"; --postfix says otherwise`
        : '',
    problems,
    where: (place) => whereSet(evidence, config, place.list, place.restriction),
  };
}

/** Tables of a directory that lie where main.cf names them, below /etc/postfix, which the directory represents. */
function below(mainCf: string, folder: boolean, cwd: string): readonly string[] {
  if (!folder) return [];
  const text = readText(resolve(cwd, mainCf));
  const paths = new Set(
    [...text.matchAll(/\b[a-z]+:(\/etc\/postfix\/[^\s,{}]+\/[^\s,{}]+)/g)].map(([, path = '']) => path),
  );
  return [...paths].flatMap((path) => {
    const file = join(dirname(mainCf), path.slice('/etc/postfix/'.length));
    return existsSync(resolve(cwd, file)) ? [`${path}=${file}`] : [];
  });
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}
