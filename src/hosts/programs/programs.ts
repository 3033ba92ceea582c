import { spawnSync } from 'node:child_process';
import type { TimeLimit } from '../../lib/time-limit.ts';

/** How a program ended. A signal counts as a status of 128 and its number, as for sh(1). */
export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, with `input` on its standard input. A program that is not there has the status 127. */
export type RunProgram = (program: string, args: readonly string[], input?: string) => Ended;

/** A fleet's map of a hundred thousand lines, answered line by line, has some ten megabytes. */
const longest = 512 * 1_048_576;

/** Enough of a program's arguments to tell its calls from each other. */
const shownWords = 4;

/** `postfix check` looks at every file of the queue, which takes minutes where it is long. */
export const usualProgramLimit: TimeLimit = { seconds: 300, shown: '5m' };

/** Where programs are looked for: the caller's PATH must not choose what runs as root. install.sh has the same line. */
export const systemPath = '/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin';

/**
 * Runs programs of this host. They speak English whatever the caller speaks, and are looked for in the system's own
 * directories, after `folder` where one is named. Each has a session of its own: Ctrl-C on the terminal is for certrelay, which
 * decides what becomes of a step that is under way, and must not end postmap(1) in the middle of a table. One that is not over
 * in time is killed with all of its process group, and has the status 124, as timeout(1) says it.
 */
export function programsOf(
  environment: Readonly<Record<string, string | undefined>>,
  folder?: string | undefined,
  limit: TimeLimit = usualProgramLimit,
): RunProgram {
  const path = folder === undefined ? systemPath : `${folder}:${systemPath}`;
  const env = { ...environment, PATH: path, LC_ALL: 'C' };
  return (program, args, input = '') => {
    // Not in the types of Node 20, and in its spawnSync since the first: the same options as spawn's.
    const ownSession = { detached: true };
    const ran = spawnSync(program, args, {
      ...{ encoding: 'utf8', env, input, maxBuffer: longest, ...ownSession },
      ...{ timeout: limit.seconds * 1000, killSignal: 'SIGKILL' },
    });
    if (ran.error !== undefined && 'code' in ran.error && ran.error.code === 'ETIMEDOUT') {
      killGroup(ran.pid);
      const called = [program, ...args.slice(0, shownWords)].join(' ');
      const stderr = `${ran.stderr ?? ''}${called}: not over after ${limit.shown} and killed; see why it hangs, or raise --timeout\n`;
      return { status: 124, stdout: ran.stdout ?? '', stderr };
    }
    if (ran.error !== undefined) {
      const missing = 'code' in ran.error && ran.error.code === 'ENOENT';
      const stderr = missing ? `${program}: not found\n` : `${program}: ${ran.error.message}\n`;
      // A program that reads none of its input is no failure of its own.
      if (!('code' in ran.error && ran.error.code === 'EPIPE')) {
        return { status: missing ? 127 : 126, stdout: ran.stdout ?? '', stderr };
      }
    }
    return { status: ran.status ?? 128 + signalNumber(ran.signal), stdout: ran.stdout, stderr: ran.stderr };
  };
}

/** Children of a program that was killed, which may still work for it. */
function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // There are none.
  }
}

function signalNumber(signal: NodeJS.Signals | null): number {
  const numbers: Partial<Record<NodeJS.Signals, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };
  return signal === null ? 0 : (numbers[signal] ?? 0);
}

// An ordinary user's PATH leaves out where postconf(1) usually lies.
const searchPath = `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;

/**
 * What the Postfix on this machine calls its version (`postconf -h mail_version`), or nothing when there is none.
 * Reads main.cf of that Postfix and changes nothing.
 */
export function installedMailVersion(): string | undefined {
  const asked = spawnSync('postconf', ['-h', 'mail_version'], {
    encoding: 'utf8',
    timeout: 5_000,
    env: { ...process.env, PATH: searchPath, LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const text = asked.status === 0 ? asked.stdout.trim() : '';
  return text === '' ? undefined : text;
}
