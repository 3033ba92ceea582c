import type { Problem } from '../../lib/problem.ts';
import type { CertificateFacts } from '../../x509/facts.ts';
import { admission, born } from '../issue/birth.ts';
import type { CertificateState, LedgerState } from '../ledger/ledger-state.ts';
import type { LedgerEvent } from '../settings/types.ts';
import { holderText, hostOf } from './holder-name.ts';
import { bareSerial } from './index-file.ts';
import type { KeyRing } from './key-ring.ts';
import type { Findings, FoundCertificate, FoundKey } from './read-files.ts';

/** A private key that goes with a host's certificate. */
export interface TakenKey {
  readonly role: 'server' | 'client';
  readonly name: string;
  readonly key: FoundKey;
}

/** What decides who is taken over as what. */
export interface Wanted {
  /** Names of servers and clients that were given, or are in the inventory already. */
  readonly servers: ReadonlySet<string>;
  readonly clients: ReadonlySet<string>;
  readonly at: string;
  readonly now: Date;
}

/** Sorts host certificates into clients, servers, and those that are only known. */
export class HostTaker {
  readonly clients: string[] = [];
  readonly keys: TakenKey[] = [];
  private readonly ledger: LedgerState;
  private readonly wanted: Wanted;
  private readonly listed: ReadonlySet<string>;
  private readonly found: KeyRing;
  private readonly revocations: Findings['revocations'];
  /** The certificate of a host and role that was taken before this one. */
  private readonly earlier = new Map<string, { readonly serial: string; readonly listed: boolean }>();
  private readonly onlyKnown: string[] = [];
  private readonly revokedButListed: string[] = [];
  private readonly known: ReadonlyMap<string, CertificateState>;

  constructor(
    ledger: LedgerState,
    wanted: Wanted,
    listed: ReadonlySet<string>,
    found: KeyRing,
    revocations: Findings['revocations'],
  ) {
    this.ledger = ledger;
    this.known = new Map(ledger.certificates.map((one) => [one.fingerprint.sha256, one]));
    this.wanted = wanted;
    this.listed = listed;
    this.found = found;
    this.revocations = revocations;
  }

  /** A certificate that the ledger knows: its host is still one that the map lists. */
  pass({ facts }: FoundCertificate): void {
    const name = hostOf(facts);
    const present = this.known.get(facts.fingerprint.sha256);
    if (name === undefined || present === undefined || present.revoked !== undefined || present.retired !== undefined)
      return;
    if (this.listed.has(facts.fingerprint.sha256) && present.role === 'client') this.clients.push(name);
  }

  take({ facts }: FoundCertificate, serial: string): readonly LedgerEvent[] {
    const { at, now } = this.wanted;
    const name = hostOf(facts);
    const isListed = this.listed.has(facts.fingerprint.sha256);
    const role = this.roleOf(facts, name, isListed);
    const holder = name ?? holderText(facts);
    const key = this.found.of(facts);
    const isNamed = name !== undefined && (role === 'server' ? this.wanted.servers : this.wanted.clients).has(name);
    const hasEnded = Date.parse(facts.notAfter) <= now.getTime();
    const revoked = this.isRevoked(facts);
    // A server's certificate without its key cannot be installed; the next one is issued beside it.
    const isTaken =
      !revoked &&
      (isListed || (isNamed && !hasEnded)) &&
      name !== undefined &&
      (role === 'client' || key !== undefined);
    const origin = isTaken && key !== undefined ? 'imported' : 'elsewhere';
    const [issued] = born(role, holder, facts, at, { origin, serial });
    if (issued === undefined) throw new Error('a certificate without an event');
    if (revoked) {
      if (isListed) this.revokedButListed.push(holder);
      return [issued, { at, event: 'revoked', holder, serial }];
    }
    if (!isTaken) {
      if (!hasEnded && !isNamed) this.onlyKnown.push(holder);
      return hasEnded || isNamed ? [issued, { at, event: 'retired', holder, serial }] : [issued];
    }
    if (role === 'client') this.clients.push(name);
    if (key !== undefined) this.keys.push({ role, name, key });
    return [issued, admission(at, holder, serial), ...this.succeed(role, name, serial, isListed, key !== undefined)];
  }

  /** An older certificate of the same host gives way: at once, or after an overlap where the map lists both. */
  private succeed(
    role: 'server' | 'client',
    name: string,
    serial: string,
    listed: boolean,
    hasKey: boolean,
  ): readonly LedgerEvent[] {
    const { at } = this.wanted;
    const place = `${role} ${name}`;
    const older = this.earlier.get(place);
    if (!hasKey) return [];
    this.earlier.set(place, { serial, listed });
    const present = this.ledger.of(name, role).some((one) => one.retired === undefined && one.revoked === undefined);
    const before =
      older === undefined ? [] : this.keys.filter((one) => one.role === role && one.name === name).slice(0, -1);
    for (const one of before) this.keys.splice(this.keys.indexOf(one), 1);
    if (older !== undefined && !older.listed) return [{ at, event: 'retired', holder: name, serial: older.serial }];
    return older !== undefined || present ? [{ at, event: 'handed', holder: name, serial }] : [];
  }

  private roleOf(facts: CertificateFacts, name: string | undefined, isListed: boolean): 'server' | 'client' {
    if (isListed) return 'client';
    const serves = facts.extKeyUsage.includes('serverAuth');
    const asks = facts.extKeyUsage.includes('clientAuth');
    if (serves !== asks) return serves ? 'server' : 'client';
    // Good for both: the name decides, and a server comes first, for its name is the one that others check.
    return name !== undefined && this.wanted.servers.has(name) ? 'server' : 'client';
  }

  private isRevoked({ serial, subject }: CertificateFacts): boolean {
    const bare = bareSerial(serial);
    return this.revocations.some((one) => one.serial === bare && one.subject.includes(`CN=${subject}`));
  }

  notes(): readonly Problem[] {
    const notes: Problem[] = [];
    if (this.revokedButListed.length > 0) {
      notes.push({
        code: 'import-revoked',
        message: `revoked by its authority, and no longer admitted although the map lists it: ${shown(this.revokedButListed)}`,
        hint: 'one that should relay all the same gets a new certificate: "certrelay add NAME"',
      });
    }
    if (this.onlyKnown.length > 0) {
      const count = this.onlyKnown.length;
      notes.push({
        code: 'import-only-known',
        message: `${count === 1 ? 'a certificate is' : `${count} certificates are`} known and not admitted: ${shown(this.onlyKnown)}`,
        hint: 'name those that may relay with --client, or servers with --server; "certrelay status --all" lists every one',
      });
    }
    return notes;
  }
}

/** The first few names, and how many there are besides. */
function shown(names: readonly string[]): string {
  const more = names.length - 5;
  const first = names.slice(0, 5).map((name) => `"${name}"`);
  return `${first.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
