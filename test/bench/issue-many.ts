import { setImmediate } from 'node:timers/promises';
import type { Authority } from '../../src/provision/pki/authority.ts';
import { type Holder, type Issued, type IssueOptions, issue, type LeafProfile } from '../../src/provision/pki/issue.ts';
import { keysAhead } from '../../src/provision/pki/keys-ahead.ts';
import type { KeyType } from '../../src/x509/algorithms.ts';

/**
 * Issues a certificate with a key of its own for each holder, in order, one at a time as they are asked for, so that the
 * caller can store each, show progress, and stop.
 *
 * Keys are made ahead on other threads. Signatures are made on this one without a pause; between two certificates the event
 * loop gets its turn, or an interrupt would wait for the last one.
 * @throws CertrelayError (usage) as `issue`.
 */
export async function* issueMany<Given extends Holder>(
  profile: LeafProfile,
  holders: Iterable<Given>,
  authority: Authority,
  options: IssueOptions & { readonly keyType: KeyType },
): AsyncGenerator<Issued & { readonly holder: Given }> {
  const all = [...holders];
  const newKey = keysAhead(options.keyType, all.length);
  for (const holder of all) {
    const issued = await issue(profile, holder, authority, { ...options, keyPair: await newKey() });
    yield { ...issued, holder };
    await setImmediate();
  }
}
