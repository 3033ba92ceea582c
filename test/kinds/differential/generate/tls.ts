import { digests } from '../certificates.ts';
import type { Draw } from './draw.ts';
import { joined } from './lists.ts';
import { type Setting, Settings } from './setting.ts';
import type { Tables } from './tables.ts';

/** TLS, in most configurations in working order. */
export function tls(draw: Draw, tables: Tables): Setting[] {
  if (draw.chance(32)) return [];
  const settings = new Settings(draw);
  if (draw.chance(88)) {
    const levels = ['may', 'may', 'may', 'may', 'encrypt', 'none', 'secure', ''] as const;
    settings.set('smtpd_tls_security_level', draw.one(levels));
  } else settings.set(draw.one(['smtpd_use_tls', 'smtpd_enforce_tls'] as const), 'yes');
  if (draw.chance(94)) {
    settings.set('smtpd_tls_cert_file', '/etc/postfix/lab/server.pem');
    settings.set('smtpd_tls_key_file', '/etc/postfix/lab/server.key');
  } else settings.add(30, 'smtpd_tls_cert_file', () => 'none');
  settings.add(84, 'smtpd_tls_ask_ccert', () => draw.one(['yes', 'yes', 'yes', 'no'] as const));
  settings.add(6, 'smtpd_tls_req_ccert', () => 'yes');
  settings.add(78, 'smtpd_tls_CAfile', () => '/etc/postfix/lab/ca.pem');
  settings.add(70, 'smtpd_tls_fingerprint_digest', () =>
    draw.one(['sha1', 'sha256', 'sha256', 'SHA256', 'RSA-SHA256', 'ssl3-sha1', 'md5', ...digests] as const),
  );
  settings.add(2, 'smtpd_tls_fingerprint_digest', () => 'nonsense');
  settings.add(75, 'relay_clientcerts', () =>
    joined(
      draw,
      draw.several(1, 2, () => tables.map('fingerprint', ['client', 'x', 'REJECT'])),
    ),
  );
  return settings.all;
}
