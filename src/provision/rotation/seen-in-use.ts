import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { readCertificateLine } from '../../diagnose/maillog/host.ts';
import { readLogLine } from '../../diagnose/maillog/line.ts';
import { lineGroups } from '../../lib/line-groups.ts';
import { CertrelayError, type Problem } from '../../lib/problem.ts';
import { type CertificateState, isLive, isOurs, type LedgerState } from '../ledger/ledger-state.ts';
import type { LedgerEvent } from '../settings/types.ts';
import { certificateStage } from './stage.ts';

/** What the logs of servers show of certificates. */
export interface Seen {
  /** Fingerprints of the ledger's certificates that somebody presented, in any digest. */
  readonly fingerprints: ReadonlySet<string>;
  /** Lines with a peer's certificate, whoever's it was. */
  readonly lines: number;
}

export const nothingSeen: Seen = { fingerprints: new Set(), lines: 0 };

/** No line of Postfix is as long; a file without line ends must not fill the memory. */
const longestLine = 1 << 16;

/** Where logs come from: the directory of relative paths, and standard input as groups of lines. */
export interface LogSource {
  readonly cwd: string;
  standardInput(): AsyncIterable<readonly Buffer[]>;
}

/**
 * Reads mail logs once, from the first line to the last, for the lines in which Postfix names a peer's certificate
 * (smtpd_tls_loglevel = 2); `-` is standard input. Only what the ledger knows is kept, however many strangers come by.
 * A line counts by its own last fields, so a name in somebody's certificate cannot pass for a fingerprint.
 * @throws CertrelayError (usage) for a file that cannot be read.
 */
export async function readSeen(paths: readonly string[], ledger: LedgerState, source: LogSource): Promise<Seen> {
  if (paths.length === 0) return nothingSeen;
  const known = new Set(ledger.certificates.filter(isLive).flatMap((one) => Object.values(one.fingerprint)));
  const fingerprints = new Set<string>();
  let lines = 0;
  for (const path of paths) {
    for await (const group of path === '-' ? source.standardInput() : linesOf(resolve(source.cwd, path), path)) {
      for (const line of group) {
        // Most lines are about something else, and need not be decoded to be told.
        if (!line.includes('subject_CN=')) continue;
        const message = readLogLine(line.toString('utf8').replace(/\r$/, ''))?.message;
        const read = message === undefined ? undefined : readCertificateLine(message, nowhere);
        if (read === undefined) continue;
        lines++;
        const { fingerprint } = read.certificate;
        if (fingerprint !== undefined && known.has(fingerprint)) fingerprints.add(fingerprint);
      }
    }
  }
  return { fingerprints, lines };
}

const nowhere = { file: '', line: 0, column: 0 };

/**
 * The certificates that are known to be in use by what was seen, and were not known to be before. That one is still in use which
 * another has taken the place of is no news.
 */
export function inUseEvents({ fingerprints }: Seen, ledger: LedgerState, now: Date): readonly LedgerEvent[] {
  if (fingerprints.size === 0) return [];
  const at = now.toISOString();
  return ledger.certificates
    .filter((one) => Object.values(one.fingerprint).some((fingerprint) => fingerprints.has(fingerprint)))
    .filter((one) => one.role !== 'authority' && isAwaited(one, ledger))
    .map(({ holder, serial }) => ({ at, event: 'deployed', holder, serial }));
}

function isAwaited(certificate: CertificateState, ledger: LedgerState): boolean {
  const stage = certificateStage(certificate, ledger);
  return stage === 'handed' || (stage === 'admitted' && !isOurs(certificate));
}

/** What is said of logs that told nothing new. */
export function seenNote({ lines }: Seen): Problem {
  if (lines > 0) return { code: 'log-without-news', message: 'the log shows no new certificate in use' };
  return {
    code: 'log-without-certificates',
    message: 'the log names no certificate',
    hint: 'Postfix writes their fingerprints with "smtpd_tls_loglevel = 2" on the server',
  };
}

async function* linesOf(path: string, shown: string): AsyncIterable<readonly Buffer[]> {
  const input = createReadStream(path, { highWaterMark: 1 << 18 });
  try {
    yield* lineGroups(input, longestLine);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CertrelayError('usage', { code: 'log-unreadable', message: `cannot read "${shown}": ${reason}` });
  } finally {
    input.destroy();
  }
}
