import {
  foreignAddresses,
  outsideRecipients,
  overTls,
  type SessionInput,
  sessionOf,
  unlistedCertificate,
} from '../../policy/identities/sessions.ts';
import type { PostfixConfig } from '../../policy/postfix/config.ts';
import { tokens } from '../../policy/postfix/tokens.ts';
import { foreignAddress } from './listed-client.ts';

/** A session of a client that no repair is meant for, and who that is. */
export interface UnlistedClient {
  readonly who: string;
  /**
   * `unknown`: a client that the server does not know, to an outside recipient; `trusted`: the same with a certificate of
   * a trusted CA; `known`: in its own networks, or logged in; `inside`: mail for the server's own recipients.
   */
  readonly kind: 'unknown' | 'trusted' | 'known' | 'inside';
  readonly session: SessionInput;
}

const issuer = 'authority';

/** How a client can connect: in plain text, over TLS without a certificate, or with one that is not listed. */
const ways = [
  ['in plain text', null],
  ['over TLS without a certificate', overTls(null)],
  ['with an unlisted certificate of a trusted authority', overTls(unlistedCertificate(true, issuer))],
  ['with an unlisted certificate of another authority', overTls(unlistedCertificate(false, issuer))],
] as const;

/** Addresses all over the Internet, enough to show a network of any size that should not be let in. */
const fewAddresses = foreignAddresses.filter((_, index) => index < 4 || index % 16 === 0);

/**
 * Sessions that show whom else a change lets in or shuts out: unlisted clients of every kind under every name that the
 * configuration may know, this host itself, its networks, users who log in, and mail for its own recipients.
 */
export function unlistedClients(config: PostfixConfig, names: readonly string[]): readonly UnlistedClient[] {
  const own = ownDomains(config);
  const outside = outsideRecipients.map((to) => ({ to, what: 'to an outside recipient', inside: false }));
  const inside = own.slice(0, 2).map((domain) => ({ to: `postmaster@${domain}`, what: `to ${domain}`, inside: true }));
  const callers = ['unknown', 'client.example', ...names];
  const abroad = foreignAddress(config);
  return [
    ...ways.flatMap(([how, tls]) =>
      callers.flatMap((name) =>
        [...outside.slice(0, 1), ...inside].map(({ to, what, inside: isInside }) => ({
          kind: isInside
            ? ('inside' as const)
            : how.includes('a trusted authority')
              ? ('trusted' as const)
              : ('unknown' as const),
          who: `${name === 'unknown' ? 'anyone' : `anyone who calls itself ${name}`} ${how}, ${what}`,
          session: sessionOf({ address: abroad, name, tls, to }),
        })),
      ),
    ),
    ...foreign(config).flatMap((address) =>
      outside.map(({ to }) => ({
        kind: 'unknown' as const,
        who: `anyone at ${address} in plain text, to <${to}>`,
        session: sessionOf({ address, name: 'unknown', to }),
      })),
    ),
    ...ownAddresses(config).flatMap((address) =>
      [...outside.slice(0, 1), ...inside].map(({ to, what, inside: isInside }) => ({
        kind: isInside ? ('inside' as const) : ('known' as const),
        who: `${address}, which mynetworks names, ${what}`,
        session: sessionOf({ address, name: 'unknown', to }),
      })),
    ),
    {
      kind: 'known',
      who: 'a user who logs in, to an outside recipient',
      session: sessionOf({
        ...{ address: abroad, tls: overTls(null), to: outsideRecipients[0] },
        sasl: { user: 'user', method: 'PLAIN' },
      }),
    },
    {
      kind: 'unknown',
      who: 'anyone with the null sender, to an outside recipient',
      session: { ...sessionOf({ address: abroad, name: 'unknown' }), mailFrom: '' },
    },
    ...own.slice(0, 1).map((domain) => ({
      kind: 'unknown' as const,
      who: `anyone with a sender at ${domain}, to an outside recipient`,
      session: { ...sessionOf({ address: abroad, name: 'unknown' }), mailFrom: `root@${domain}` },
    })),
  ];
}

/** Addresses outside the networks of mynetworks, unless one of those is too wide for a site to own. */
function foreign(config: PostfixConfig): readonly string[] {
  const words = tokens(config.get('mynetworks'), config.version);
  if (words.some((word) => /^\[?[0-9a-f.:]+\]?\/[0-7]\]?$/i.test(word))) return fewAddresses;
  const networks = config.matchList('mynetworks');
  return fewAddresses.filter((address) => networks.matchClient('unknown', address) === false);
}

/** Domains that the server takes mail for, as far as they are written out. */
function ownDomains(config: PostfixConfig): readonly string[] {
  const parameters = ['mydestination', 'relay_domains', 'virtual_alias_domains', 'virtual_mailbox_domains'];
  const words = parameters.flatMap((name) => tokens(config.get(name), config.version));
  return [...new Set(words.filter((word) => /^[\w-]+(?:\.[\w-]+)*$/.test(word)))];
}

/** One address of every network that mynetworks writes out. */
function ownAddresses(config: PostfixConfig): readonly string[] {
  const words = tokens(config.get('mynetworks'), config.version);
  const found = words.flatMap((word) => /^\[?([0-9.]+|[0-9a-f:.]+)\]?(?:\/\d+)?\]?$/i.exec(word)?.[1] ?? []);
  return [...new Set(['127.0.0.1', ...found.filter((address) => /^\d+\.\d+\.\d+\.\d+$/.test(address))])]
    .map((address) => address.replace(/\.0$/, '.1'))
    .slice(0, 20);
}
