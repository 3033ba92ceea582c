import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { CertrelayError, type Problem } from '../../lib/problem.ts';
import { listFromElsewhere } from '../issue/from-elsewhere.ts';
import { isLive, type LedgerState } from '../ledger/ledger-state.ts';
import type { Inventory, LedgerEvent } from '../settings/types.ts';
import type { Drift } from '../state/drift.ts';
import type { Selection } from './selection.ts';

/** What places that are followed hold now and did not hold before. */
export interface FollowedNews {
  readonly events: readonly LedgerEvent[];
  readonly notes: readonly Problem[];
  /** Places that nothing could be learned from, and why. */
  readonly failed: readonly { readonly source: string; readonly problem: Problem }[];
}

/**
 * Looks at the places that hold certificates of these hosts (a folder of an ACME client, for one): what is new there is admitted.
 * A place that cannot be read, or could be written by anybody, changes nothing and is said: the host goes on with what is
 * admitted.
 */
export function followedNews(
  { clients }: Inventory,
  ledger: LedgerState,
  selection: Pick<Selection, 'names' | 'all' | 'due'>,
  now: Date,
): FollowedNews {
  const { names, all, due } = selection;
  const isAsked = all || due || names !== undefined;
  if (!isAsked || ledger.certificates.every(({ source }) => source === undefined)) {
    return { events: [], notes: [], failed: [] };
  }
  const wanted = new Set(clients.map(({ name }) => name).filter((name) => names?.has(name) ?? true));
  const events: LedgerEvent[] = [];
  const notes: Problem[] = [];
  const failed: { readonly source: string; readonly problem: Problem }[] = [];
  for (const { name, source, overlap } of placesOf(ledger, wanted)) {
    try {
      checkPlace(source);
      const host = { name, role: 'client', follow: true, ...(overlap === undefined ? {} : { overlap }) } as const;
      const found = listFromElsewhere([source], host, ledger.after(events), { now, cwd: '/' });
      events.push(...found.events);
      notes.push(...found.notes);
    } catch (error) {
      if (!(error instanceof CertrelayError)) throw error;
      for (const problem of error.problems) failed.push({ source, problem });
    }
  }
  return { events, notes: [...notes, ...failed.map(({ problem }) => problem)], failed };
}

interface Followed {
  readonly name: string;
  readonly source: string;
  readonly overlap: number | undefined;
}

/** Each place once, with the overlap that was wished for last. */
function placesOf(ledger: LedgerState, wanted: ReadonlySet<string>): readonly Followed[] {
  const found = new Map<string, Followed>();
  for (const certificate of ledger.certificates) {
    const { role, holder, source, overlap } = certificate;
    if (source === undefined || role !== 'client' || !wanted.has(holder) || !isLive(certificate)) continue;
    found.set(`${holder} ${source}`, { name: holder, source, overlap });
  }
  return [...found.values()];
}

/** Whoever can put a file there says who may relay, so that must not be anybody. */
export function checkPlace(source: string): void {
  for (const path of [source, dirname(source)]) {
    const status = statSync(path, { throwIfNoEntry: false });
    if (status === undefined || (status.mode & 0o002) === 0) continue;
    throw new CertrelayError('usage', {
      code: 'place-open',
      message: `"${path}" can be written by anybody, so it is not followed`,
      hint: `chmod o-w ${path}`,
    });
  }
}

/** Places outside the state that are followed: what they hold and the ledger does not know yet, and those that cannot be read. */
export function followedDrift(inventory: Inventory, ledger: LedgerState, now: Date): readonly Drift[] {
  const { events, failed } = followedNews(inventory, ledger, { names: undefined, all: false, due: true }, now);
  return [
    ...events.flatMap((event): Drift[] =>
      event.event !== 'followed'
        ? []
        : [
            {
              kind: 'unknown-certificate',
              path: event.source,
              message: `holds a certificate of "${event.holder}" that is not admitted yet (serial ${event.serial})`,
              hint: 'certrelay rotate --due admits it',
            },
          ],
    ),
    ...failed.map(
      ({ source, problem: { message, hint } }): Drift => ({
        ...{ kind: 'unreadable', path: source, message },
        hint: hint ?? 'its host goes on with what is admitted; "certrelay remove NAME --serial SERIAL" ends that',
      }),
    ),
  ];
}
