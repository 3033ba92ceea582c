import type { Problem } from '../../lib/problem.ts';
import type { LedgerEvent, Moment } from '../settings/types.ts';
import {
  type CertificateState,
  type DigestExchange,
  type Installed,
  isLive,
  isOurs,
  type Published,
  type Role,
} from './ledger-state.ts';
import { foldListed, isFingerprint, type ListedLine } from './listed-lines.ts';

type Changing<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** The state while events are read. */
export class Fold {
  readonly bySerial: Map<string, CertificateState>;
  readonly installed: Map<string, Installed>;
  readonly listed: Map<string, ListedLine>;
  readonly kept: Set<string>;
  readonly problems: Problem[];
  digestExchange: DigestExchange | undefined;
  published: Published | undefined;
  tableMoved: Installed | undefined;
  events: number;
  latest: string | undefined;
  /** `latest` in milliseconds since 1970. */
  private latestTime: number;
  /** Serial number of the one whose files are handed over, by holder and role; all authorities share a place. */
  private readonly holding: Map<string, string>;
  private authority: string | undefined;
  /** How many events have changed something. */
  private order: number;
  /** Objects that no state has been made of yet, and which may therefore still change: those that its own events made. */
  readonly own = new Set<CertificateState>();

  constructor(before?: Fold) {
    this.bySerial = new Map(before?.bySerial);
    this.installed = new Map(before?.installed);
    this.listed = new Map(before?.listed);
    this.kept = new Set(before?.kept);
    this.problems = [...(before?.problems ?? [])];
    this.digestExchange = before?.digestExchange;
    this.published = before?.published;
    this.tableMoved = before?.tableMoved;
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
    this.clock(event.at);
    if (message === undefined) return;
    this.problems.push({ code: 'ledger-contradiction', message, where: { file, line: this.events, column: 1 } });
  }

  private clock(at: string): void {
    if (at === this.latest) return;
    const time = Date.parse(at);
    if (time <= this.latestTime) return;
    this.latest = at;
    this.latestTime = time;
  }

  private add(event: LedgerEvent): string | undefined {
    if (event.event === 'issued') return this.issue(event);
    if (event.event === 'installed') return this.install(event);
    if (event.event === 'digest') return this.exchange(event);
    if (event.event === 'published') return this.publish(event);
    if (event.event === 'table') {
      this.tableMoved = { at: event.at, order: ++this.order };
      return undefined;
    }
    if (event.event === 'kept') {
      this.kept.add(event.text);
      return undefined;
    }
    if (event.event === 'listed' || isFingerprint(event.serial)) {
      return foldListed(this.listed, event, () => ++this.order);
    }
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
    if (event.event === 'followed') this.follow(known, event);
    else if (known[event.event] === undefined) this.moment(known, event.event, event.at);
    return undefined;
  }

  private follow(known: CertificateState, { source, replaces }: Extract<LedgerEvent, { event: 'followed' }>): void {
    const changed: Changing<CertificateState> = this.own.has(known) ? known : this.copy(known);
    changed.source = source;
    changed.replaces = [...new Set([...(known.replaces ?? []), ...replaces])];
    this.order++;
  }

  private issue(event: Extract<LedgerEvent, { event: 'issued' }>) {
    const { serial, holder, role, origin, certificate } = event;
    const known = this.bySerial.get(serial);
    if (known !== undefined) {
      const same = known.certificate === certificate && known.holder === holder && known.role === role;
      return same ? undefined : `serial number "${serial}" was issued twice`;
    }
    // Written out, for spreading objects takes longer than all the rest, and a fleet has tens of thousands.
    const issued: Changing<CertificateState> = {
      holder,
      role,
      serial,
      issued: event.at,
      notBefore: event.notBefore,
      notAfter: event.notAfter,
      keyType: event.keyType,
      fingerprint: event.fingerprint,
      publicKeyFingerprint: event.publicKeyFingerprint,
      certificate,
      issuer: role === 'authority' || origin === 'elsewhere' ? undefined : this.authority,
      overlap: event.overlap,
      admitted: undefined,
      handed: undefined,
      deployed: undefined,
      retired: undefined,
      revoked: undefined,
      order: {},
    };
    if (origin !== undefined) issued.origin = origin;
    this.bySerial.set(serial, issued);
    this.own.add(issued);
    this.order++;
    // The first certificate of a host has no older one to take the place of: its files are the host's from the start.
    if (isOurs(issued) && !this.holds(issued)) this.moment(issued, 'handed', event.at);
    return undefined;
  }

  private holds({ holder, role }: CertificateState): boolean {
    const serial = this.holding.get(placeOf(holder, role));
    const present = serial === undefined ? undefined : this.bySerial.get(serial);
    return present !== undefined && isLive(present);
  }

  private moment(known: CertificateState, moment: Moment, at: string): void {
    const changed: Changing<CertificateState> = this.own.has(known) ? known : this.copy(known);
    changed[moment] = at;
    const order: Changing<CertificateState['order']> = changed.order;
    order[moment] = ++this.order;
    if (moment !== 'handed') return;
    this.holding.set(placeOf(known.holder, known.role), known.serial);
    if (known.role === 'authority') this.authority = known.serial;
  }

  /** One of its own, in the place of one that belongs to a state already. */
  private copy(known: CertificateState): CertificateState {
    const changed = { ...known, order: { ...known.order } };
    this.own.add(changed);
    this.bySerial.set(known.serial, changed);
    return changed;
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

  /** One that was begun says nothing about what the table has; but no earlier state may be written over it any more. */
  private publish({ at, moment, table }: Extract<LedgerEvent, { event: 'published' }>): undefined {
    if (moment === 'done') this.published = { at, order: ++this.order, table, position: this.events + 1 };
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
