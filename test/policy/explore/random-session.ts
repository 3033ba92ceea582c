import type { Shown } from '../../../src/policy/explore/lines/certificate-line.ts';
import type { Lines } from '../../../src/policy/explore/lines/lines.ts';
import { clients, domains, helos, logins, users } from '../../kinds/differential/generate/words.ts';
import { pool } from './random-servers.ts';

/** Numbers from 0 to 1 that a seed stands for (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A session whose values are now words that configurations like to name, now what some atom of a line stands for, now the
 * neighbour of one.
 */
export function randomSession(random: () => number, lines: Lines, digest: string, data: boolean) {
  const one = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)] as T;
  const atomOf = <T>(line: { readonly size: number; value(atom: number): T }) =>
    line.value(Math.floor(random() * line.size));
  const half = () => random() < 0.5;
  const word = one(clients);
  const names = half() ? atomOf(lines['client name']) : word;
  const verified = names.name !== 'unknown';
  const address = (line: Lines['sender']): string => {
    if (half()) return atomOf(line);
    const text = `${one(users)}@${half() ? one(domains) : `x.${one(domains)}`}`;
    return random() < 0.1 ? text.toUpperCase() : text;
  };
  const given = one(pool.clients);
  const own = half() ? given.fingerprint[digest] : undefined;
  const shown: Shown = own === undefined ? atomOf(lines.certificate) : { trusted: given.trusted, fingerprint: own };
  const key = (half() ? given.publicKeyFingerprint[digest] : undefined) ?? atomOf(lines['public key']);
  const certificate =
    typeof shown === 'string'
      ? null
      : {
          trusted: shown.trusted,
          fingerprint: { [digest]: shown.fingerprint },
          publicKeyFingerprint: { [digest]: key },
        };
  const login = half() ? atomOf(lines.login) : random() < 0.5 ? undefined : { user: one(logins), method: 'PLAIN' };
  return {
    client: {
      address: half() ? atomOf(lines['client address']) : word.address,
      name: names.name,
      reverseName: verified ? names.name : names.reverseName,
    },
    ...(random() < 0.08 ? {} : { helo: half() ? atomOf(lines.helo) : one(helos) }),
    tls: shown === 'no TLS' ? null : { certificate },
    sasl: login ?? null,
    mailFrom: address(lines.sender),
    rcptTo: [address(lines.recipient)],
    data,
  };
}
