import { digestOctets, placeholderFingerprint } from '../../lib/placeholder-fingerprint.ts';
import type { PostfixConfig } from '../../policy/postfix/config.ts';
import { fingerprintDigest } from '../../policy/smtpd/questions/digest-names.ts';
import type { Scenario } from './scenario.ts';

/**
 * What a session may have been whose certificate's fingerprint is not in the log, where the verdict depends on that
 * alone: relay_clientcerts lists it, or does not.
 */
export function variantsOf(scenario: Scenario, missing: readonly string[], config: PostfixConfig): readonly Scenario[] {
  if (missing.length === 0 || !missing.every((key) => /fingerprint/.test(key))) return [];
  const digest = fingerprintDigest(config);
  const octets = digestOctets[digest];
  const entries = config.tables('relay_clientcerts').flatMap((table) => table.entries ?? []);
  const { tls, client } = scenario.session;
  const certificate = fields(fields(tls).certificate);
  if (octets === undefined) return [];
  const name = fields(client).name;
  const listed = entries.filter(({ key }) => key.split(':').length === octets);
  // An entry that names the client is likelier its own than the first.
  const entry =
    listed.find(({ value }) => typeof name === 'string' && value.split(/[\s,]+/).includes(name)) ?? listed[0];
  const unlisted = placeholderFingerprint(digest, 0xa0);
  const variant = (fingerprint: string, words: string): Scenario => ({
    session: {
      ...scenario.session,
      tls: {
        ...fields(tls),
        certificate: {
          ...certificate,
          fingerprint: { [digest]: fingerprint },
          publicKeyFingerprint: { [digest]: unlisted },
        },
      },
    },
    assumed: [...scenario.assumed.filter((each) => !/fingerprint/.test(each)), words],
  });
  return [
    variant(
      unlisted,
      'the log does not tell the fingerprint; that reply means that relay_clientcerts does not list it',
    ),
    ...(entry === undefined
      ? []
      : [
          variant(
            entry.key.toUpperCase(),
            'the log does not tell the fingerprint; that reply means that relay_clientcerts lists it',
          ),
        ]),
  ];
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
