import { setImmediate } from 'node:timers/promises';
import { type Problem, usage } from '../../lib/problem.ts';
import { keyTypes } from '../../x509/algorithms.ts';
import { toPem } from '../../x509/pem.ts';
import { isEncrypted, readPrivateKey } from '../../x509/private-key.ts';
import {
  type CertificateState,
  currentAuthority,
  currentCertificate,
  type LedgerState,
} from '../ledger/ledger-state.ts';
import { authorityCertificatePath, authorityKeyPath, hostPath } from '../ledger/paths.ts';
import { type Authority, issueAuthority } from '../pki/authority.ts';
import { issue } from '../pki/issue.ts';
import { keysAhead } from '../pki/keys-ahead.ts';
import { openAuthority } from '../pki/open-authority.ts';
import { profiles } from '../pki/profiles.ts';
import { certificateNames, hasOwnCertificate, rolesOf } from '../render/certificate-names.ts';
import type { Inventory, LedgerEvent } from '../settings/types.ts';
import type { NewKey } from '../state/keys.ts';
import { keyText } from '../state/keys.ts';
import { admission, born, unadmitted } from './birth.ts';

export interface IssueContext {
  readonly now: Date;
  random(bytes: number): Uint8Array;
  /** A file of the state, undefined when there is none. */
  read(path: string): string | undefined;
  /** Asked for only when a key must be opened or a new authority's key is to be encrypted. */
  passphrase(): Promise<string | undefined>;
  progress?(done: number, total: number): void;
}

/** What issuing led to; nothing is written yet. */
export interface IssuedNow {
  readonly keys: readonly NewKey[];
  readonly events: readonly LedgerEvent[];
  readonly notes: readonly Problem[];
}

interface Wanted {
  readonly role: 'server' | 'client';
  readonly name: string;
  readonly keyPath: string;
}

/** The end-entity certificates that the inventory wants and the ledger does not have alive. */
export function missingCertificates(inventory: Inventory, ledger: LedgerState): readonly Wanted[] {
  const lists = [
    ['server', inventory.servers],
    ['client', inventory.clients],
  ] as const;
  return lists.flatMap(([role, hosts]) =>
    hosts
      .filter(
        ({ name }) =>
          hasOwnCertificate(inventory.settings, role) && currentCertificate(ledger, name, role) === undefined,
      )
      .map(({ name }) => ({
        role,
        name,
        keyPath: hostPath(name, certificateNames(name, role, rolesOf(inventory, name)).key),
      })),
  );
}

/**
 * Issues the authority, if there is none, and every certificate that is missing.
 * A key that lies where a new one would go, and belongs to no certificate, is what an interrupted run left: it is used.
 */
export async function issueMissing(
  inventory: Inventory,
  ledger: LedgerState,
  context: IssueContext,
): Promise<IssuedNow> {
  const wanted = missingCertificates(inventory, ledger);
  const notes: Problem[] = [];
  const known = currentAuthority(ledger);
  const at = context.now.toISOString();
  const halfBorn = unadmitted(inventory, ledger).map(({ holder, serial }) => admission(at, holder, serial));
  if (known !== undefined && wanted.length === 0) return { keys: [], events: halfBorn, notes };

  const authority = await (known === undefined ? newAuthority(inventory, context) : existingAuthority(known, context));
  const keys: NewKey[] = [...authority.keys];
  const founded = known === undefined ? born('authority', inventory.authority.name, authority.opened.facts, at) : [];
  const events: LedgerEvent[] = [...halfBorn, ...founded];

  const { keyType, days } = inventory.settings;
  const newKey = keysAhead(keyType, wanted.length);
  let clamped = 0;
  for (const [index, { role, name, keyPath }] of wanted.entries()) {
    const left = context.read(keyPath);
    const keyPair = left === undefined ? await newKey() : readPrivateKey(left, keyPath);
    const made = await issue(profiles[role], { name }, authority.opened, {
      ...{ days, now: context.now, random: context.random, keyPair },
    });
    if (made.clamped) clamped++;
    if (left === undefined) keys.push({ to: keyPath, pem: made.keyPem });
    events.push(...born(role, name, made.facts, at));
    context.progress?.(index + 1, wanted.length);
    // Signatures are made on this thread; an interrupt must not wait for the last of ten thousand.
    await setImmediate();
  }
  if (clamped > 0) notes.push(clampedNote(clamped, authority.opened.facts.notAfter));
  return { keys, events, notes };
}

function clampedNote(count: number, notAfter: string): Problem {
  return {
    code: 'lifetime-cut',
    message: `${count} ${count === 1 ? 'certificate ends' : 'certificates end'} with the authority on ${notAfter}, sooner than asked for`,
  };
}

interface Opened {
  readonly opened: Authority;
  readonly keys: readonly NewKey[];
}

async function newAuthority({ authority }: Inventory, context: IssueContext): Promise<Opened> {
  const left = context.read(authorityKeyPath);
  if (left !== undefined && context.read(authorityCertificatePath) !== undefined) throw strangeAuthority();
  const passphrase = await context.passphrase();
  const leftPair = left === undefined ? undefined : readPrivateKey(left, authorityKeyPath, passphrase);
  const made = await issueAuthority({
    name: authority.name,
    keyType: keyTypes.find((one) => one === leftPair?.keyType) ?? authority.keyType,
    days: authority.days,
    constrain: authority.constrain,
    now: context.now,
    random: context.random,
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(leftPair === undefined ? {} : { keyPair: leftPair }),
  });
  return { opened: made.authority, keys: left === undefined ? [{ to: authorityKeyPath, pem: made.keyPem }] : [] };
}

/** A key alone is what an interrupted run leaves; with its certificate it is somebody's authority. */
function strangeAuthority() {
  return usage(
    'authority-unknown',
    'there is an authority in "ca" that the ledger does not know',
    'restore ledger.jsonl from a copy, or name another folder with --out; an authority is never replaced',
  );
}

async function existingAuthority(known: CertificateState, context: IssueContext): Promise<Opened> {
  return { opened: await openKnownAuthority(known, context), keys: [] };
}

/**
 * Opens an authority of the ledger with its key, wherever that lies.
 * @throws CertrelayError (usage) as `openAuthority`.
 */
export async function openKnownAuthority(
  known: CertificateState,
  context: Pick<IssueContext, 'now' | 'read' | 'passphrase'>,
): Promise<Authority> {
  const text = keyText(known, authorityKeyPath, context.read) ?? '';
  const passphrase = isEncrypted(text) ? await context.passphrase() : undefined;
  return openAuthority(
    { file: 'ca/cacert.pem', text: toPem('CERTIFICATE', Buffer.from(known.certificate, 'base64')) },
    { file: authorityKeyPath, text },
    context.now,
    passphrase,
  );
}
