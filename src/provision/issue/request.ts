import { type Problem, usage } from '../../lib/problem.ts';
import { fingerprintSet } from '../../x509/fingerprint.ts';
import { currentAuthority, isLive, type LedgerState } from '../ledger/ledger-state.ts';
import { issueFor } from '../pki/issue.ts';
import { profiles } from '../pki/profiles.ts';
import { readRequest } from '../pki/request.ts';
import type { Inventory, LedgerEvent } from '../settings/types.ts';
import { born } from './birth.ts';
import { type IssueContext, openKnownAuthority } from './issue-missing.ts';

/** A certification request and whom it is for. */
export interface RequestFor {
  readonly name: string;
  readonly role: 'server' | 'client';
  readonly file: string;
  readonly bytes: Uint8Array;
  /** Seconds. */
  readonly overlap: number | undefined;
}

/**
 * Issues a certificate for the key of a request. Its names are those of the inventory: what the request asks for is compared
 * with them, and nothing but the key is taken over. A request whose key has a certificate already leads to nothing.
 * @throws CertrelayError (usage): a request that names other hosts only, and as `readRequest` and `openAuthority`.
 */
export async function issueForRequest(
  { name, role, file, bytes, overlap }: RequestFor,
  { settings }: Inventory,
  ledger: LedgerState,
  context: IssueContext,
): Promise<{ readonly events: readonly LedgerEvent[]; readonly notes: readonly Problem[] }> {
  const request = await readRequest(bytes, file);
  const asked = [...new Set([request.subject, ...request.names].map((one) => one.toLowerCase()).filter(Boolean))];
  if (asked.length > 0 && !asked.includes(name)) {
    const quoted = asked.map((one) => `"${one}"`).join(', ');
    throw usage(
      'request-other-name',
      `the request in "${file}" is for ${quoted}, not for "${name}"`,
      'make it again for that name, or add the name that it is for',
    );
  }
  const key = fingerprintSet(Uint8Array.from(request.publicKey)).sha256;
  const others = ledger.certificates.filter((one) => isLive(one) && one.publicKeyFingerprint.sha256 === key);
  const [other] = others.filter((one) => one.holder !== name || one.role !== role);
  if (other !== undefined) {
    throw usage(
      'request-key-taken',
      `the key of the request in "${file}" is that of "${other.holder}"`,
      'make a key for each host',
    );
  }
  const known = currentAuthority(ledger);
  if (others.length > 0 || known === undefined) return { events: [], notes: [] };
  const authority = await openKnownAuthority(known, context);
  const publicKey = Uint8Array.from(request.publicKey);
  const made = await issueFor(
    profiles[role],
    { name },
    authority,
    { keyType: request.keyType, publicKey },
    {
      ...{ days: settings.days, now: context.now, random: context.random },
    },
  );
  const left = asked.filter((one) => one !== name).map((one) => `"${one}"`);
  const notes: Problem[] =
    left.length === 0
      ? []
      : [{ code: 'request-names', message: `the request asks for ${left.join(', ')} as well, which were left out` }];
  const circumstance = { origin: 'request', ...(overlap === undefined ? {} : { overlap }) } as const;
  return { events: born(role, name, made.facts, context.now.toISOString(), circumstance), notes };
}
