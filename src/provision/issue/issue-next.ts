import { setImmediate } from 'node:timers/promises';
import { usage } from '../../lib/problem.ts';
import { fingerprintSet } from '../../x509/fingerprint.ts';
import { certificateFacts } from '../../x509/inspect.ts';
import type { KeyPair } from '../../x509/private-key.ts';
import { isEncrypted, readPrivateKey } from '../../x509/private-key.ts';
import type { Succession } from '../ledger/holders.ts';
import { type CertificateState, currentAuthority, type LedgerState } from '../ledger/ledger-state.ts';
import { authorityKeyPath, hostPath, nextKeyPath } from '../ledger/paths.ts';
import { type Authority, issueAuthority } from '../pki/authority.ts';
import { issue, issueFor } from '../pki/issue.ts';
import { keysAhead } from '../pki/keys-ahead.ts';
import { profiles } from '../pki/profiles.ts';
import { certificateNames, rolesOf } from '../render/certificate-names.ts';
import type { AuthorityWanted, Inventory, LedgerEvent } from '../settings/types.ts';
import type { NewKey } from '../state/keys.ts';
import { keyText } from '../state/keys.ts';
import { born } from './birth.ts';
import { type IssueContext, type IssuedNow, openKnownAuthority } from './issue-missing.ts';

export interface NextWish {
  /** Keep the key that the host has. */
  readonly reuseKey: boolean;
  /** Seconds; undefined: the standard. */
  readonly overlap: number | undefined;
}

/** Issues the next certificate of each host, with a new key that waits apart or with the one that the host has. */
export async function issueNext(
  leaves: readonly Succession[],
  inventory: Inventory,
  ledger: LedgerState,
  { reuseKey, overlap }: NextWish,
  context: IssueContext,
): Promise<IssuedNow> {
  const known = currentAuthority(ledger);
  if (known === undefined || leaves.length === 0) return { keys: [], events: [], notes: [] };
  const authority = await openKnownAuthority(known, context);
  const at = context.now.toISOString();
  const keys: NewKey[] = [];
  const events: LedgerEvent[] = [];
  const newKey = keysAhead(inventory.settings.keyType, leaves.length);
  for (const [index, { holder, role, newest }] of leaves.entries()) {
    // Who follows the authority has its overlap: it is one rotation to the operator.
    const lasts = overlap ?? (newest.issuer === known.serial ? undefined : known.overlap);
    const circumstance = lasts === undefined ? {} : { overlap: lasts };
    const options = { days: inventory.settings.days, now: context.now, random: context.random };
    if (newest.origin === 'request') {
      const made = await issueFor(profiles[role], { name: holder }, authority, publicHalf(newest), options);
      events.push(...born(role, holder, made.facts, at, { ...circumstance, origin: 'request' }));
    } else {
      const keyPair = reuseKey ? presentKey(newest, role, inventory, context) : await newKey();
      const made = await issue(profiles[role], { name: holder }, authority, { ...options, keyPair });
      const path = nextKeyPath({ role, holder, publicKeyFingerprint: made.facts.publicKeyFingerprint });
      if (!reuseKey) keys.push({ to: path, pem: made.keyPem });
      events.push(...born(role, holder, made.facts, at, circumstance));
    }
    context.progress?.(index + 1, leaves.length);
    // Signatures are made on this thread; an interrupt must not wait for the last of ten thousand.
    await setImmediate();
  }
  return { keys, events, notes: [] };
}

/** The key that a host has now, checked to be that of its certificate. */
function presentKey(
  certificate: CertificateState,
  role: 'server' | 'client',
  inventory: Inventory,
  context: IssueContext,
): KeyPair {
  const { holder } = certificate;
  const path = hostPath(holder, certificateNames(holder, role, rolesOf(inventory, holder)).key);
  const text = keyText(certificate, path, context.read);
  const hint = 'rotate it with a new key: leave --reuse-key out';
  if (text === undefined) throw usage('key-missing', `the key of "${holder}" is not there: "${path}"`, hint);
  const pair = readPrivateKey(text, path);
  if (fingerprintSet(pair.publicKey).sha256 === certificate.publicKeyFingerprint.sha256) return pair;
  throw usage('key-mismatch', `"${path}" is not the key of the certificate that "${holder}" has`, hint);
}

/** The key of a host that keeps its private half to itself. */
function publicHalf({ certificate, holder }: CertificateState): Pick<KeyPair, 'keyType' | 'publicKey'> {
  const facts = certificateFacts(Buffer.from(certificate, 'base64'));
  if (facts === undefined)
    throw usage(
      'certificate-damaged',
      `the certificate of "${holder}" in the ledger is damaged`,
      'put ledger.jsonl back from a backup',
    );
  return facts;
}

/** Issues the next authority; its key waits beside the present one, encrypted if there is a passphrase. */
export async function issueNextAuthority(
  wanted: AuthorityWanted,
  overlap: number | undefined,
  context: IssueContext,
): Promise<IssuedNow & { readonly authority: Authority }> {
  const passphrase = await context.passphrase();
  const present = context.read(authorityKeyPath);
  // A typing error must not lock the next authority with another passphrase than this one's.
  if (present !== undefined && isEncrypted(present)) readPrivateKey(present, authorityKeyPath, passphrase);
  const { name, keyType, days, constrain } = wanted;
  const made = await issueAuthority({
    ...{ name, keyType, days, constrain, now: context.now, random: context.random },
    ...(passphrase === undefined ? {} : { passphrase }),
  });
  const { facts } = made;
  const to = nextKeyPath({ role: 'authority', holder: name, publicKeyFingerprint: facts.publicKeyFingerprint });
  const events = born('authority', name, facts, context.now.toISOString(), overlap === undefined ? {} : { overlap });
  return { keys: [{ to, pem: made.keyPem }], events, notes: [], authority: made.authority };
}
