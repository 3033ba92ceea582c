import type { LedgerEvent } from '../settings/types.ts';
import { Fold } from './ledger-fold.ts';
import type { CertificateState, LedgerState } from './ledger-state.ts';

/**
 * Folds events, oldest first, into the state they lead to. An event said twice changes nothing (a run that was
 * killed and completed may repeat it). An event that cannot be, such as one for a serial number never issued,
 * is left out and reported.
 */
export function foldLedger(events: readonly LedgerEvent[], file = 'ledger.jsonl'): LedgerState {
  return stateAfter(new Fold(), events, file);
}

type ByHolder = Map<string, readonly CertificateState[]>;

/** `before`: what the state had by holder that the fold was begun with; of a fleet's holders an event is about one. */
function stateAfter(fold: Fold, events: readonly LedgerEvent[], file: string, before?: ByHolder): LedgerState {
  for (const event of events) fold.read(event, file);
  const certificates = [...fold.bySerial.values()];
  const byHolder = before === undefined ? grouped(certificates) : regrouped(before, fold, certificates);
  let serials: ReadonlySet<string> | undefined;
  const state: LedgerState = {
    certificates,
    authorities: certificates.filter(({ role }) => role === 'authority'),
    of(holder, role) {
      const all = byHolder.get(holder) ?? nothing;
      if (role === undefined || (all.length === 1 && all[0]?.role === role)) return all;
      // The list itself where it can be, for by that it is known that nothing has changed.
      return all.every((certificate) => certificate.role === role) ? all : all.filter((one) => one.role === role);
    },
    holders: [...byHolder.keys()],
    get serials() {
      serials ??= new Set(fold.bySerial.keys());
      return serials;
    },
    installed: new Map(fold.installed),
    digestExchange: fold.digestExchange,
    published: fold.published,
    tableMoved: fold.tableMoved,
    listed: [...fold.listed.values()],
    kept: [...fold.kept],
    latest: fold.latest,
    events: fold.events,
    problems: [...fold.problems],
    after: (more) => (more.length === 0 ? state : stateAfter(new Fold(fold), more, file, byHolder)),
  };
  return state;
}

const nothing: readonly CertificateState[] = [];

/** End-entity certificates by holder, in the order of issue. */
function grouped(certificates: readonly CertificateState[]): ByHolder {
  const byHolder = new Map<string, CertificateState[]>();
  for (const certificate of certificates) {
    if (certificate.role === 'authority') continue;
    const list = byHolder.get(certificate.holder);
    if (list === undefined) byHolder.set(certificate.holder, [certificate]);
    else list.push(certificate);
  }
  return byHolder;
}

/** The same after some more events: only the holders of certificates that these made or changed have other lists. */
function regrouped(before: ByHolder, fold: Fold, certificates: readonly CertificateState[]): ByHolder {
  const holders = new Set([...fold.own].map(({ holder }) => holder));
  const byHolder = new Map(before);
  for (const [holder, list] of grouped(certificates.filter((one) => holders.has(one.holder)))) {
    byHolder.set(holder, list);
  }
  return byHolder;
}
