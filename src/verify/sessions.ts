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

/** A recipient that no server of ours delivers or relays for without a permit (RFC 2606 keeps the domain unused). */
export const outsideRecipient = 'someone@outside.example';

/** Documentation networks (RFC 5737): no real mynetworks should hold all three, so one of them is a foreign address. */
export const foreignAddresses = ['192.0.2.77', '198.51.100.77', '203.0.113.77'] as const;

interface Variation {
  readonly address: string;
  readonly name?: string;
  readonly tls?: SessionInput['tls'];
  readonly sasl?: SessionInput['sasl'];
  readonly to?: string;
}

/** A session to the outside recipient, unless `to` says otherwise. */
export function sessionOf({ address, name = 'client.example', tls = null, sasl = null, to }: Variation): SessionInput {
  return {
    client: { address, name, reverseName: name },
    helo: name === 'unknown' ? 'client.example' : name,
    protocol: 'ESMTP',
    tls,
    sasl,
    mailFrom: `root@${name === 'unknown' ? 'client.example' : name}`,
    rcptTo: [to ?? outsideRecipient],
    data: false,
  };
}

/** The same with a TLS client certificate, or with TLS and none. */
export function overTls(certificate: Presented | null): SessionInput['tls'] {
  return { protocol: 'TLSv1.3', certificate };
}

/** A certificate that was never admitted: every fingerprint is well formed and belongs to nobody. */
export function strangersCertificate(trusted: boolean, issuer: string): Presented {
  const digestOf = (bytes: number, pair: string) => Array.from({ length: bytes }, () => pair).join(':');
  const set = (pair: string) => ({
    md5: digestOf(16, pair),
    sha1: digestOf(20, pair),
    sha256: digestOf(32, pair),
    sha384: digestOf(48, pair),
    sha512: digestOf(64, pair),
  });
  return {
    trusted,
    subject: 'stranger.example',
    issuer: trusted ? issuer : 'some other authority',
    fingerprint: set('5A'),
    publicKeyFingerprint: set('A5'),
  };
}
