import { setImmediate } from 'node:timers/promises';
import type { KeyType } from '../inventory/types.ts';
import type { Authority } from './authority.ts';
import { type Holder, type Issued, type IssueOptions, issue, type LeafProfile } from './issue.ts';

/**
 * Issues a certificate with a key of its own for each holder, in order, one at a time as they are asked for, so that the
 * caller can store each, show progress, and stop.
 *
 * Keys and signatures are made on the main thread without a pause; between two certificates the event loop gets its
 * turn, or an interrupt would wait for the last one.
 * @throws CertrelayError (usage) as `issue`.
 */
export async function* issueMany<Given extends Holder>(
  profile: LeafProfile,
  holders: Iterable<Given>,
  authority: Authority,
  options: IssueOptions & { readonly keyType: KeyType },
): AsyncGenerator<Issued & { readonly holder: Given }> {
  for (const holder of holders) {
    const issued = await issue(profile, holder, authority, options);
    yield { ...issued, holder };
    await setImmediate();
  }
}
