import type { KeyType } from '../../x509/algorithms.ts';
import type { KeyPair } from '../../x509/private-key.ts';
import { newKeyPair } from './key-pair.ts';

/** Twice the threads that Node keeps for such work, so that none of them waits for the one that signs. */
const most = 8;

/**
 * Yields up to `count` new key pairs, one a call. From the first call on some are always in the making, on threads of their
 * own: while one certificate is signed on this one, keys for the next come from every processor. They take most of the time,
 * RSA keys nearly all of it.
 */
export function keysAhead(keyType: KeyType, count: number): () => Promise<KeyPair> {
  const waiting: Promise<KeyPair>[] = [];
  let begun = 0;
  return () => {
    for (; waiting.length < most && begun < count; begun++) {
      const made = newKeyPair(keyType);
      // Whoever awaits it learns of a failure; if nobody does, because another failed first, nobody needs to.
      made.catch(() => {});
      waiting.push(made);
    }
    return waiting.shift() ?? newKeyPair(keyType);
  };
}
