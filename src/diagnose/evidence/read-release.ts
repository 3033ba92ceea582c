import { type Problem, usage } from '../../lib/problem.ts';
import { minorReleases, parseVersion, type Version } from '../../policy/postfix/version.ts';
import type { MailLog } from '../maillog/session.ts';
import type { Release } from './evidence.ts';

/** Folders that packages name after the release, e.g. `/usr/share/doc/postfix-2.10.1/README_FILES`. */
const folder = /\/postfix\d?-?(\d+\.\d+(?:\.\d+)?)(?=[/\s-])/;

/** The newest release that is known; taken where nothing tells. */
const guessedRelease: string = minorReleases.at(-1) ?? '';

/** What may tell the release of one side, the surest first. */
export interface ReleaseSources {
  /** The value of an option. */
  readonly given?: string;
  /** What postconf(1) of this machine says. */
  readonly live?: string;
  readonly file: string;
  readonly text: string;
  readonly log?: MailLog['version'];
}

/**
 * The release that a configuration is for, and how that is known. A release that is out of range throws a
 * CertrelayError, which names what it was read from.
 */
export function readRelease({ given, live, file, text, log }: ReleaseSources): Release {
  if (given !== undefined) return { version: version(given), how: 'given', words: `--postfix ${given}` };
  if (live !== undefined) return { version: version(live), how: 'live', words: `mail_version = ${live}` };
  const lines = text.split('\n');
  for (const how of ['mail_version', 'path'] as const) {
    for (const [index, line] of lines.entries()) {
      const found = how === 'path' ? folder.exec(line) : /^mail_version[ \t]*=[ \t]*(\d+\.\d+(?:\.\d+)?)/.exec(line);
      if (found === null || line.startsWith('#')) continue;
      const where = { file, line: index + 1, column: 1 };
      return { version: version(found[1] ?? '', line.trim()), how, words: line.trim(), where };
    }
  }
  if (log !== undefined) {
    const { text: named, where } = log;
    return { version: version(named), how: 'log', words: `version ${named}`, where };
  }
  return { version: version(guessedRelease), how: 'guessed', words: '' };
}

function version(text: string, words?: string): Version {
  const parsed = parseVersion(text);
  if (!('code' in parsed)) return parsed;
  throw usage(parsed.code, words === undefined ? parsed.message : `${parsed.message}, in "${words}"`, hintOf(parsed));
}

function hintOf({ hint }: Problem): string {
  return hint === undefined || hint.startsWith('known are') ? 'name the release with --postfix' : hint;
}
