import { randomBytes } from 'node:crypto';
import type { Io } from '../../src/cli/command.ts';
import { runCommandLine, tellFailure } from '../../src/cli/command-line.ts';
import { CertrelayError, type Problem } from '../../src/lib/problem.ts';
import { placeholdersOf } from './stand-ins.ts';

/** What a command finds around it; nothing is a terminal. */
export interface Surroundings {
  readonly cwd: string;
  /** The clock; that of this machine when it is left out. */
  readonly now?: () => Date;
  readonly random?: (bytes: number) => Uint8Array;
  /** Standard input; empty when it is left out. */
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The width of what it prints on. */
  readonly columns?: number;
}

/** The surroundings as a command wants them, and what it has said into them so far. */
export interface Heard {
  readonly io: Io;
  readonly stdout: string;
  readonly stderr: string;
}

export function heard({ cwd, now, random, input = '', env = {}, columns }: Surroundings): Heard {
  const said = { stdout: [] as string[], stderr: [] as string[] };
  const into = (name: keyof typeof said) => ({
    isTTY: false,
    ...(columns === undefined ? {} : { columns }),
    write: (text: string) => void said[name].push(text),
  });
  const text = typeof input === 'string' ? input : new TextDecoder().decode(input);
  return {
    io: {
      stdout: into('stdout'),
      stderr: into('stderr'),
      stdin: {
        isTTY: false,
        text: async () => text,
        async *lines() {
          if (text !== '') yield* text.replace(/\n$/, '').split('\n');
        },
        bytes: async () => (typeof input === 'string' ? new TextEncoder().encode(input) : input),
      },
      ...{ env, cwd },
      now: now ?? (() => new Date()),
      random: random ?? ((bytes) => randomBytes(bytes)),
    },
    get stdout() {
      return said.stdout.join('');
    },
    get stderr() {
      return said.stderr.join('');
    },
  };
}

/** How a command line ended. */
export interface Ended {
  /** The exit code. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What standard error says as problems. */
  readonly problems: readonly Problem[];
}

/**
 * Runs a command line in this process: the same text as in a process of its own, in a tenth of the time. What belongs to a
 * process (signals, a reader that goes away, a full disk behind standard output) wants `program()` instead.
 * Rejects on a defect with what was thrown.
 */
export async function inProcess(argv: readonly string[], surroundings: Surroundings): Promise<Ended> {
  const said = heard(surroundings);
  const ended = (status: number, problems: readonly Problem[] = []): Ended => {
    const { stdout, stderr } = said;
    // Whatever a test is about: no command shows a fingerprint that certrelay made up.
    const [standIn] = placeholdersOf(`${stdout}${stderr}`);
    if (standIn !== undefined) throw new Error(`certrelay ${argv.join(' ')} shows an invented fingerprint, ${standIn}`);
    return { status, stdout, stderr, problems };
  };
  try {
    return ended(await runCommandLine(argv, said.io));
  } catch (error) {
    if (!(error instanceof CertrelayError)) throw error;
    return ended(tellFailure(error, argv, said.io), error.problems);
  }
}
