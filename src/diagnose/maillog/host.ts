import type { Span } from '../../lib/problem.ts';
import type { LoggedCertificate, LoggedHost, LoggedProgram, LoggedTls } from './session.ts';

/** `name[address]` with or without `:port`, three groups. The address is `unknown` where the connection was gone. */
export const hostPattern = '(\\S*?)\\[([0-9A-Fa-f.:]+|unknown)\\](?::(\\d+))?';

/** A host from the groups of `hostPattern`. */
export function hostOf(name = '', address = '', port: string | undefined = undefined): LoggedHost {
  return { name: name === '' ? 'unknown' : name, address, ...(port === undefined ? {} : { port }) };
}

/** `postfix/submission/smtpd` in its parts. */
export function programOf(name: string, host: string): LoggedProgram {
  const parts = name.split('/');
  const program = parts.pop() ?? '';
  const [instance = '', ...service] = parts;
  return { instance, ...(service.length === 0 ? {} : { service: service.join('/') }), program, host };
}

const tlsLine = new RegExp(
  `^(Anonymous|Untrusted|Trusted|Verified) TLS connection (?:established|reused) (?:from|to) ${hostPattern}(?: to \\S+?)?: (\\S+) with cipher (\\S+)`,
);

/** The line with which a handshake ends, on either side. */
export function readTls(message: string, where: Span): { host: LoggedHost; tls: LoggedTls } | undefined {
  const match = tlsLine.exec(message);
  if (match === null) return undefined;
  const [, trust = '', name, address, port, protocol = '', cipher = ''] = match;
  return {
    host: hostOf(name, address, port),
    tls: { trust: trust as LoggedTls['trust'], protocol, cipher, where },
  };
}

// "cert fingerprint" from 3.9 on, "Trusted: subject_CN" in some releases before.
const certificateLine = new RegExp(
  `^${hostPattern}: (?:[A-Z][a-z]+: )?subject_CN=(.*?), issuer(?:_CN)?=(.*?)(?:, (?:cert )?fingerprint=([0-9A-Fa-fXx:]+))?(?:, pkey[_ ]fingerprint=([0-9A-Fa-fXx:]+))?$`,
);
const rawKeyLine = new RegExp(`^${hostPattern}: raw public key fingerprint=([0-9A-Fa-f:]+)$`);

/** The line with a peer's certificate, or with its bare public key (RFC 7250, from 3.9 on). */
export function readCertificateLine(
  message: string,
  where: Span,
): { host: LoggedHost; certificate: LoggedCertificate } | undefined {
  const match = certificateLine.exec(message);
  if (match === null) {
    const raw = rawKeyLine.exec(message);
    if (raw === null) return undefined;
    const host = hostOf(raw[1], raw[2], raw[3]);
    return { host, certificate: { subject: '', issuer: '', ...fingerprint('publicKeyFingerprint', raw[4]), where } };
  }
  const [, name, address, port, subject = '', issuer = '', own, key] = match;
  return {
    host: hostOf(name, address, port),
    certificate: {
      subject,
      issuer,
      ...fingerprint('fingerprint', own),
      ...fingerprint('publicKeyFingerprint', key),
      where,
    },
  };
}

/** A fingerprint, unless somebody hid it before showing the log. */
function fingerprint<Name extends string>(name: Name, text: string | undefined): Partial<Record<Name, string>> {
  if (text === undefined || !/^[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2})+$/.test(text)) return {};
  return { [name]: text.toUpperCase() } as Partial<Record<Name, string>>;
}
