import { digestOctets, placeholderFingerprint } from '../../lib/placeholder-fingerprint.ts';

/** A client certificate as one session presents it; fingerprints by digest name, upper-case hex pairs with colons. */
export interface Presented {
  readonly trusted: boolean;
  readonly subject: string;
  readonly issuer: string;
  readonly fingerprint: Readonly<Record<string, string>>;
  readonly publicKeyFingerprint: Readonly<Record<string, string>>;
}

/** One SMTP session in the form that `certrelay simulate --batch` reads. */
export interface SessionInput {
  readonly client: { readonly address: string; readonly name: string; readonly reverseName: string };
  readonly helo: string;
  readonly protocol: 'ESMTP';
  readonly tls: { readonly protocol: string; readonly certificate: Presented | null } | null;
  readonly sasl: { readonly user: string; readonly method: string } | null;
  readonly mailFrom: string;
  readonly rcptTo: readonly string[];
  readonly data: boolean;
}

/**
 * Addresses all over the Internet: one in every block of IPv4 that is given out in such blocks (its first octet), and
 * one under each registry's part of IPv6. Whoever lets in a large part of the Internet lets in one of these.
 */
export const foreignAddresses: readonly string[] = [
  // Documentation networks first (RFC 5737, RFC 3849): what a report shows should be nobody's.
  ...['192.0.2.77', '198.51.100.77', '203.0.113.77', '2001:db8::77'],
  ...Array.from({ length: 223 }, (_, index) => index + 1)
    .filter((octet) => octet !== 10 && octet !== 127)
    .map((octet) => `${octet}.77.77.77`),
  ...['2001:4860::77', '2003:77::77', '2400:77::77', '2600:77::77', '2800:77::77', '2a01:77::77', '2c0f:77::77'],
];

/** Recipients of which a server is hardly ever the destination (RFC 2606 keeps the domains unused). */
export const outsideRecipients = [
  'someone@outside.example',
  'someone@elsewhere.test',
  'someone@nowhere.invalid',
] as const;

interface Variation {
  readonly address: string;
  /** Client name, HELO and sender's domain. */
  readonly name?: string;
  readonly tls?: SessionInput['tls'];
  readonly sasl?: SessionInput['sasl'];
  readonly to?: string;
  /** Sends a message after RCPT, as one that is to be let through must be able to. */
  readonly data?: boolean;
}

/** A session to an outside recipient, unless `to` says otherwise. */
export function sessionOf({
  address,
  name = 'client.example',
  tls = null,
  sasl = null,
  to,
  data = false,
}: Variation): SessionInput {
  return {
    client: { address, name, reverseName: name },
    helo: name === 'unknown' ? 'client.example' : name,
    protocol: 'ESMTP',
    tls,
    sasl,
    mailFrom: `root@${name === 'unknown' ? 'client.example' : name}`,
    rcptTo: [to ?? outsideRecipients[0]],
    data,
  };
}

/** The same with a TLS client certificate, or with TLS and none. */
export function overTls(certificate: Presented | null): SessionInput['tls'] {
  return { protocol: 'TLSv1.3', certificate };
}

/** A certificate that was never admitted: every fingerprint is well formed and belongs to nobody. */
export function unlistedCertificate(trusted: boolean, issuer: string): Presented {
  const set = (first: number) =>
    Object.fromEntries(Object.keys(digestOctets).map((digest) => [digest, placeholderFingerprint(digest, first)]));
  return {
    trusted,
    subject: 'stranger.example',
    issuer: trusted ? issuer : 'some other authority',
    fingerprint: set(0xa0),
    publicKeyFingerprint: set(0x50),
  };
}
