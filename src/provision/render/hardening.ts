import { isBefore } from '../settings/postfix-version.ts';
import type { Assignment } from './view.ts';

// Up to 2.9.13, 2.10.7, 2.11.5 and 3.0.1 the defaults take SSLv3 and export ciphers; which patch level a host has is
// known when it is installed, not now, so the whole series up to 3.0 says what it wants.
const firstSafe = '3.1';
const protocols = '!SSLv2, !SSLv3, !TLSv1, !TLSv1.1';

/** Protocols and ciphers of the SMTP server where this series may have unsafe defaults; empty elsewhere. */
export function serverHardening(version: string): readonly Assignment[] {
  if (!isBefore(version, firstSafe)) return [];
  return [
    { name: 'smtpd_tls_protocols', value: protocols },
    { name: 'smtpd_tls_mandatory_protocols', value: protocols },
    { name: 'smtpd_tls_ciphers', value: 'medium' },
  ];
}

/** The same for the SMTP client: its level is never opportunistic, and mandatory ciphers were always medium. */
export function clientHardening(version: string): readonly Assignment[] {
  if (!isBefore(version, firstSafe)) return [];
  return [{ name: 'smtp_tls_mandatory_protocols', value: protocols }];
}
