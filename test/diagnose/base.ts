/** A server that is in order: nothing is to be found with it. Fixtures say what is different from it. */
export const baseMainCf = `alias_maps =
compatibility_level = 3.6
inet_interfaces = all
local_recipient_maps =
mydestination = localhost
myhostname = mx.example.com
mynetworks = 127.0.0.0/8 [::1]/128
relay_clientcerts = hash:/etc/postfix/relay_clientcerts
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, permit_tls_clientcerts, defer_unauth_destination
smtpd_tls_CAfile = /etc/postfix/lab/ca.pem
smtpd_tls_ask_ccert = yes
smtpd_tls_cert_file = /etc/postfix/lab/server.pem
smtpd_tls_fingerprint_digest = sha256
smtpd_tls_key_file = /etc/postfix/lab/server.key
smtpd_tls_loglevel = 1
smtpd_tls_security_level = may
`;

export const baseTables: Readonly<Record<string, string>> = {
  '/etc/postfix/relay_clientcerts': '@CERT:good:sha256@ good.example.com\n',
};

/** A client that is in order. */
export const baseClientMainCf = `compatibility_level = 3.6
mydestination = $myhostname, localhost
myhostname = good.example.com
relayhost = [mx.example.com]:25
smtp_tls_CAfile = /etc/postfix/ca.pem
smtp_tls_cert_file = /etc/postfix/client.pem
smtp_tls_fingerprint_digest = sha256
smtp_tls_key_file = /etc/postfix/client.key
smtp_tls_security_level = secure
`;

/** The base with a fixture's lines: a name given anew takes the old one's place. */
export function overBase(base: string, lines: string): string {
  if (lines.startsWith('= whole\n')) return lines.slice('= whole\n'.length);
  const own = lines.split('\n').filter((line) => line !== '');
  const isContinuation = (line: string): boolean => /^\s/.test(line);
  const names = new Set(
    own.filter((line) => !isContinuation(line)).map((line) => line.replace(/^- /, '').split(/\s*=/)[0]),
  );
  const kept = base.split('\n').filter((line) => line !== '' && !names.has(line.split(/\s*=/)[0] ?? ''));
  return [...kept, ...own.filter((line) => !line.startsWith('- '))].map((line) => `${line}\n`).join('');
}
