import { type CertificateState, currentCertificate, isLive, type LedgerState } from '../ledger/ledger-state.ts';
import { digestOf, isListed, type ListedLine } from '../ledger/listed-lines.ts';
import { hasOwnCertificate } from '../render/certificate-names.ts';
import type { Inventory } from '../settings/types.ts';
import type { CertificateStage } from './stage.ts';
import { certificateStage } from './stage.ts';
import type { StepKind, Waiting } from './step.ts';
import { isDue, type RotationStep } from './step.ts';
import { hasExpired, isWithin, type Threshold } from './threshold.ts';

/** One certificate, a wanted one that is not there, or a line of an earlier map, as it stands. */
export interface Standing {
  readonly role: 'authority' | 'server' | 'client';
  readonly holder: string;
  /** Empty where there is no certificate, or none that is known. */
  readonly serial: string;
  readonly state: CertificateStage | 'expired' | 'missing' | 'keeps-own' | 'listed';
  readonly origin: 'certrelay' | 'request' | 'elsewhere' | 'imported' | 'earlier-map';
  readonly notBefore: string;
  readonly notAfter: string;
  readonly keyType: string;
  /** In the digest in force. */
  readonly fingerprint: string;
  readonly publicKeyFingerprint: string;
  readonly digest: string;
  /** Seconds until the end, negative when it is past; undefined when it is not known. */
  readonly expiresIn: number | undefined;
  /** The next thing to happen to it, when, and what that waits for. */
  readonly next: StepKind | undefined;
  readonly dueAt: string | undefined;
  readonly waitingFor: readonly Waiting[];
  readonly attention: readonly ('expired' | 'due' | 'expiring' | 'missing' | 'other-digest')[];
  /** It is in force: neither retired nor revoked, and its holder is in the inventory. */
  readonly wanted: boolean;
}

/** Everything that is asked about when the rows are made. */
export interface Question {
  readonly inventory: Inventory;
  readonly ledger: LedgerState;
  readonly steps: readonly RotationStep[];
  readonly now: Date;
  /** Absent: a certificate needs attention when its renewal is due. */
  readonly expiresIn?: Threshold;
}

/**
 * One row for each certificate that ever was, wanted certificates that do not exist, and each line of an earlier map;
 * the authority first, then servers and clients in the inventory's order, then what is not wanted any more.
 */
export function standings(question: Question): readonly Standing[] {
  const { inventory, ledger } = question;
  const row = rowMaker(question);
  const shown = new Set<CertificateState>();
  const rows: Standing[] = [];
  const show = (certificate: CertificateState) => {
    shown.add(certificate);
    rows.push(row(certificate));
  };
  for (const authority of ledger.authorities) show(authority);
  if (!ledger.authorities.some(isLive)) rows.push(absent('authority', inventory.authority.name, 'missing'));
  for (const [role, hosts] of [
    ['server', inventory.servers],
    ['client', inventory.clients],
  ] as const) {
    for (const { name } of hosts) {
      for (const certificate of ledger.of(name, role)) show(certificate);
      if (currentCertificate(ledger, name, role) !== undefined) continue;
      rows.push(absent(role, name, hasOwnCertificate(inventory.settings, role) ? 'missing' : 'keeps-own'));
    }
  }
  for (const certificate of ledger.certificates) if (!shown.has(certificate)) show(certificate);
  return [...rows, ...ledger.listed.map((line) => listedRow(line, inventory))];
}

function rowMaker({ inventory, ledger, steps, now, expiresIn }: Question): (certificate: CertificateState) => Standing {
  const open = new Map<string, RotationStep>();
  for (const step of steps) {
    if (!step.done && step.serial !== undefined && !open.has(step.serial)) open.set(step.serial, step);
  }
  const { digest } = inventory.settings;
  const wanted = new Set([
    ...inventory.servers.map(({ name }) => `server ${name}`),
    ...inventory.clients.map(({ name }) => `client ${name}`),
  ]);
  return (certificate) => {
    const { role, holder, serial, notBefore, notAfter, keyType, origin } = certificate;
    const stage = certificateStage(certificate, ledger);
    const counts = isLive(certificate) && (role === 'authority' || wanted.has(`${role} ${holder}`));
    const step = open.get(serial);
    const expired = hasExpired(certificate, now);
    const isCurrent = counts && stage !== 'replaced';
    const due = expiresIn === undefined && step !== undefined && isDue(step);
    const expiring = isCurrent && !expired && expiresIn !== undefined && isWithin(certificate, expiresIn, now);
    const attention = [
      ...(isCurrent && expired ? (['expired'] as const) : []),
      ...(due ? (['due'] as const) : []),
      ...(expiring ? (['expiring'] as const) : []),
    ];
    return {
      ...{ role, holder, serial, notBefore, notAfter, keyType, attention },
      origin: origin ?? 'certrelay',
      state: expired && isLive(certificate) && stage !== 'replaced' ? 'expired' : stage,
      wanted: counts,
      fingerprint: certificate.fingerprint[digest],
      publicKeyFingerprint: certificate.publicKeyFingerprint[digest],
      digest,
      expiresIn: Math.floor((Date.parse(notAfter) - now.getTime()) / 1000),
      ...(step === undefined
        ? { next: undefined, dueAt: undefined, waitingFor: [] }
        : { next: step.kind, dueAt: step.dueAt, waitingFor: step.waitingFor }),
    };
  };
}

const nothingKnown = {
  ...{ serial: '', notBefore: '', notAfter: '', keyType: '', fingerprint: '', publicKeyFingerprint: '', digest: '' },
  ...{ expiresIn: undefined, next: undefined, dueAt: undefined, waitingFor: [] },
} as const;

/** A certificate that is wanted and does not exist, or one that its host keeps to itself. */
function absent(role: Standing['role'], holder: string, state: 'missing' | 'keeps-own'): Standing {
  const attention = state === 'missing' ? (['missing'] as const) : [];
  return { ...nothingKnown, role, holder, state, attention, wanted: true, origin: 'certrelay' };
}

/** A fingerprint of an earlier map; one in another digest than the map's admits nobody any more. */
function listedRow(line: ListedLine, { settings }: Inventory): Standing {
  const digest = digestOf(line.fingerprint) ?? '';
  const inForce = isListed(line);
  const state = line.revoked !== undefined ? 'revoked' : line.retired !== undefined ? 'retired' : 'listed';
  const attention = inForce && digest !== settings.digest ? (['other-digest'] as const) : [];
  return {
    ...nothingKnown,
    ...{ role: 'client', holder: line.holder, state, attention, wanted: inForce, origin: 'earlier-map', digest },
    fingerprint: line.fingerprint,
  };
}
