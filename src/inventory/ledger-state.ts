import type { Problem } from '../lib/problem.ts';
import { foldListed, isFingerprint, type ListedLine } from './listed-lines.ts';
import type { Digest, FingerprintSet, LedgerEvent, Moment, Origin } from './types.ts';

export type Role = 'authority' | 'server' | 'client';

/** One certificate as the ledger tells it. Every time is an ISO 8601 UTC string; the first event of a kind counts. */
export interface CertificateState {
  /** Host name, or the authority's common name. */
  readonly holder: string;
  readonly role: Role;
  /** Lower-case hex without separators; unique in a ledger. */
  readonly serial: string;
  readonly issued: string;
  readonly notBefore: string;
  readonly notAfter: string;
  /** One of the inventory's key types; of a key made elsewhere, possibly the description of another. */
  readonly keyType: string;
  readonly fingerprint: FingerprintSet;
  readonly publicKeyFingerprint: FingerprintSet;
  /** Base64 of the DER. */
  readonly certificate: string;
  /** Absent: issued with a key that certrelay made. */
  readonly origin?: Origin;
  /** Serial number of the authority that issued it; undefined for an authority, and for what came from elsewhere. */
  readonly issuer: string | undefined;
  /** Seconds; see the event. */
  readonly overlap: number | undefined;
  /** When its fingerprint entered the servers' maps (a client's), or trust in it began. */
  readonly admitted: string | undefined;
  /** When the files of its host became its files; an authority's, when it began to issue. */
  readonly handed: string | undefined;
  /** When it was known to be in use on its host. */
  readonly deployed: string | undefined;
  readonly retired: string | undefined;
  readonly revoked: string | undefined;
  /** Positions in the order of what happened, to be compared with each other; times cannot be, for clocks are set back. */
  readonly order: Readonly<Partial<Record<Moment, number>>>;
}

/** When a host was last known to have the files of its folder. */
export interface Installed {
  readonly at: string;
  /** Comparable with the orders of certificates. */
  readonly order: number;
}

/** The exchange of the maps' digest that was begun last, whether or not it is over. */
export interface DigestExchange {
  readonly from: Digest;
  readonly to: Digest;
  readonly overlap: number;
  readonly admitted: Installed;
  readonly handed: Installed | undefined;
  readonly retired: Installed | undefined;
}

/** What is, worked out from what happened. Lists are in the order of issue. */
export interface LedgerState {
  readonly certificates: readonly CertificateState[];
  readonly authorities: readonly CertificateState[];
  /** All end-entity certificates of a host, of one role when it is given. */
  of(holder: string, role?: 'server' | 'client'): readonly CertificateState[];
  /** Names of hosts that ever had an end-entity certificate, in order of first issue. */
  readonly holders: readonly string[];
  readonly serials: ReadonlySet<string>;
  /** By host: when it was last known to have its files. */
  readonly installed: ReadonlyMap<string, Installed>;
  readonly digestExchange: DigestExchange | undefined;
  /** Lines of a map from elsewhere that name a fingerprint, whether or not they are still in force. */
  readonly listed: readonly ListedLine[];
  /** Its lines that mean nothing to Postfix, as they were. */
  readonly kept: readonly string[];
  /** The time of the last event, the latest that the clock is known to have shown. */
  readonly latest: string | undefined;
  /** How many events led to it. */
  readonly events: number;
  /** Events that contradict those before them; a ledger written by certrelay has none. */
  readonly problems: readonly Problem[];
  /** The state after more events; this one stays as it is. A fleet's ledger is long, and a run adds little to it. */
  after(events: readonly LedgerEvent[]): LedgerState;
}

/** Neither retired nor revoked; whether it has expired is a question for a clock. */
export function isLive(certificate: CertificateState): boolean {
  return certificate.retired === undefined && certificate.revoked === undefined;
}

/** The fingerprint belongs into the servers' maps. */
export function isAdmitted(certificate: CertificateState): boolean {
  return certificate.admitted !== undefined && isLive(certificate);
}

/** Its files, if it has any, are those of its host. */
export function isHanded(certificate: CertificateState): boolean {
  return certificate.handed !== undefined && isLive(certificate);
}

/** certrelay makes the files of such a certificate; others lie where their owner keeps them. */
export function isOurs({ origin }: Pick<CertificateState, 'origin'>): boolean {
  return origin !== 'elsewhere';
}

/**
 * The certificate of a host in one role: the newest live one that was handed over, else the newest live one. While a
 * rotation is under way it is the one in the host's folder.
 */
export function currentCertificate(
  state: LedgerState,
  holder: string,
  role: 'server' | 'client',
): CertificateState | undefined {
  const live = state.of(holder, role).filter(isLive);
  return live.findLast((one) => isHanded(one) && isOurs(one)) ?? live.findLast(isOurs) ?? live.at(-1);
}

/** The authority that issues: the newest live one that was handed over, else the newest live one. */
export function currentAuthority(state: LedgerState): CertificateState | undefined {
  return state.authorities.findLast(isHanded) ?? state.authorities.findLast(isLive);
}

/**
 * Folds events, oldest first, into the state they lead to. An event said twice changes nothing (a run that was
 * killed and completed may repeat it). An event that cannot be, such as one for a serial number never issued,
 * is left out and reported.
 */
export function foldLedger(events: readonly LedgerEvent[], file = 'ledger.jsonl'): LedgerState {
  return stateAfter(new Fold(), events, file);
}

function stateAfter(fold: Fold, events: readonly LedgerEvent[], file: string): LedgerState {
  for (const event of events) fold.read(event, file);
  const certificates = [...fold.bySerial.values()];
  const byHolder = new Map<string, CertificateState[]>();
  for (const certificate of certificates) {
    if (certificate.role === 'authority') continue;
    const list = byHolder.get(certificate.holder);
    if (list === undefined) byHolder.set(certificate.holder, [certificate]);
    else list.push(certificate);
  }
  return {
    certificates,
    authorities: certificates.filter(({ role }) => role === 'authority'),
    of(holder, role) {
      const all = byHolder.get(holder) ?? [];
      if (role === undefined || (all.length === 1 && all[0]?.role === role)) return all;
      return all.filter((certificate) => certificate.role === role);
    },
    holders: [...byHolder.keys()],
    serials: new Set(fold.bySerial.keys()),
    installed: new Map(fold.installed),
    digestExchange: fold.digestExchange,
    listed: [...fold.listed.values()],
    kept: [...fold.kept],
    latest: fold.latest,
    events: fold.events,
    problems: [...fold.problems],
    after: (more) => stateAfter(new Fold(fold), more, file),
  };
}

type Changing<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** The state while events are read. */
class Fold {
  readonly bySerial: Map<string, CertificateState>;
  readonly installed: Map<string, Installed>;
  readonly listed: Map<string, ListedLine>;
  readonly kept: Set<string>;
  readonly problems: Problem[];
  digestExchange: DigestExchange | undefined;
  events: number;
  latest: string | undefined;
  /** `latest` in milliseconds since 1970. */
  private latestTime: number;
  /** Serial number of the one whose files are handed over, by holder and role; all authorities share a place. */
  private readonly holding: Map<string, string>;
  private authority: string | undefined;
  /** How many events have changed something. */
  private order: number;
  /** Objects that no state has been made of yet, and which may therefore still change. */
  private readonly own = new Set<CertificateState>();

  constructor(before?: Fold) {
    this.bySerial = new Map(before?.bySerial);
    this.installed = new Map(before?.installed);
    this.listed = new Map(before?.listed);
    this.kept = new Set(before?.kept);
    this.problems = [...(before?.problems ?? [])];
    this.digestExchange = before?.digestExchange;
    this.events = before?.events ?? 0;
    this.latest = before?.latest;
    this.latestTime = before?.latestTime ?? Number.NEGATIVE_INFINITY;
    this.holding = new Map(before?.holding);
    this.authority = before?.authority;
    this.order = before?.order ?? 0;
  }

  /** Applies one event, and notes what is wrong with it. */
  read(event: LedgerEvent, file: string): void {
    const message = this.add(event);
    this.events++;
    const time = Date.parse(event.at);
    if (time > this.latestTime) {
      this.latest = event.at;
      this.latestTime = time;
    }
    if (message === undefined) return;
    this.problems.push({ code: 'ledger-contradiction', message, where: { file, line: this.events, column: 1 } });
  }

  private add(event: LedgerEvent): string | undefined {
    if (event.event === 'issued') return this.issue(event);
    if (event.event === 'installed') return this.install(event);
    if (event.event === 'digest') return this.exchange(event);
    if (event.event === 'kept') {
      this.kept.add(event.text);
      return undefined;
    }
    if (event.event === 'listed' || isFingerprint(event.serial)) return foldListed(this.listed, event);
    const known = this.bySerial.get(event.serial);
    if (known === undefined) return `serial number "${event.serial}" is ${event.event} but was never issued`;
    if (known.holder !== event.holder) {
      return `serial number "${event.serial}" belongs to "${known.holder}", not to "${event.holder}"`;
    }
    if (
      (event.event === 'admitted' || event.event === 'handed') &&
      known[event.event] === undefined &&
      !isLive(known)
    ) {
      return `serial number "${event.serial}" is ${event.event} after its end`;
    }
    if (known[event.event] === undefined) this.moment(known, event.event, event.at);
    return undefined;
  }

  private issue({ at, event: _issued, overlap, ...certificate }: Extract<LedgerEvent, { event: 'issued' }>) {
    const { serial, holder, role, origin } = certificate;
    const known = this.bySerial.get(serial);
    if (known !== undefined) {
      const same = known.certificate === certificate.certificate && known.holder === holder && known.role === role;
      return same ? undefined : `serial number "${serial}" was issued twice`;
    }
    const issuer = role === 'authority' || origin === 'elsewhere' ? undefined : this.authority;
    const open = {
      admitted: undefined,
      handed: undefined,
      deployed: undefined,
      retired: undefined,
      revoked: undefined,
    };
    const issued: CertificateState = { ...certificate, issued: at, issuer, overlap, ...open, order: {} };
    this.bySerial.set(serial, issued);
    this.own.add(issued);
    this.order++;
    // The first certificate of a host has no older one to take the place of: its files are the host's from the start.
    if (isOurs(issued) && !this.holds(issued)) this.moment(issued, 'handed', at);
    return undefined;
  }

  private holds({ holder, role }: CertificateState): boolean {
    const serial = this.holding.get(placeOf(holder, role));
    const present = serial === undefined ? undefined : this.bySerial.get(serial);
    return present !== undefined && isLive(present);
  }

  private moment(known: CertificateState, moment: Moment, at: string): void {
    const changed: Changing<CertificateState> = this.own.has(known) ? known : { ...known };
    changed[moment] = at;
    changed.order = { ...known.order, [moment]: ++this.order };
    this.own.add(changed);
    this.bySerial.set(known.serial, changed);
    if (moment !== 'handed') return;
    this.holding.set(placeOf(known.holder, known.role), known.serial);
    if (known.role === 'authority') this.authority = known.serial;
  }

  /** Whoever has the files of a host's folder uses the certificates that were handed over by then. */
  private install({ at, holder }: Extract<LedgerEvent, { event: 'installed' }>): undefined {
    this.installed.set(holder, { at, order: ++this.order });
    for (const role of ['server', 'client'] as const) {
      const serial = this.holding.get(placeOf(holder, role));
      const present = serial === undefined ? undefined : this.bySerial.get(serial);
      if (present !== undefined && present.deployed === undefined) this.moment(present, 'deployed', at);
    }
  }

  private exchange({ at, moment, from, to, overlap }: Extract<LedgerEvent, { event: 'digest' }>): string | undefined {
    const known = this.digestExchange;
    const isKnown = known !== undefined && known.from === from && known.to === to && known.retired === undefined;
    if (moment === 'admitted') {
      const open = { handed: undefined, retired: undefined };
      if (!isKnown) this.digestExchange = { from, to, overlap, admitted: { at, order: ++this.order }, ...open };
      return undefined;
    }
    if (!isKnown) {
      const isOver = known?.from === from && known.to === to && moment === 'retired';
      return isOver ? undefined : `the digest ${to} is ${moment} but was never admitted beside ${from}`;
    }
    if (known[moment] === undefined) this.digestExchange = { ...known, [moment]: { at, order: ++this.order } };
    return undefined;
  }
}

function placeOf(holder: string, role: Role): string {
  return role === 'authority' ? role : `${role} ${holder}`;
}
