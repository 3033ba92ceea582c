import type { PostfixConfig } from '../postfix/config.ts';
import { fingerprintDigest } from './restrictions/fingerprints.ts';
import type { TlsSession } from './session.ts';

/** How the server does TLS; TLS_README, smtpd(8). */
export interface TlsSettings {
  readonly offered: boolean;
  /** Nothing but a few commands goes without TLS. */
  readonly mandatory: boolean;
  /** TLS from the first byte. */
  readonly wrapper: boolean;
  /** Only then does a client show its certificate. */
  readonly asksCertificate: boolean;
  /** A client without a trusted certificate is sent away after the handshake. */
  readonly requiresCertificate: boolean;
  /** With neither CA file nor folder no certificate is ever trusted. */
  readonly hasAuthorities: boolean;
  /** TLS is configured, but cannot work. */
  readonly broken: boolean;
  readonly warnings: readonly string[];
  readonly fatal: string | undefined;
}

const levels: Readonly<Record<string, 'none' | 'may' | 'encrypt'>> = {
  none: 'none',
  may: 'may',
  encrypt: 'encrypt',
  verify: 'encrypt',
  secure: 'encrypt',
  fingerprint: 'encrypt',
};

/** Digests that OpenSSL has; another name turns TLS off. */
const digests = new Set([
  'md4',
  'md5',
  'md5-sha1',
  'mdc2',
  'sha1',
  'sha224',
  'sha256',
  'sha384',
  'sha512',
  'sha512-224',
  'sha512-256',
  'sha3-224',
  'sha3-256',
  'sha3-384',
  'sha3-512',
  'ripemd160',
  'rmd160',
  'ripemd',
  'sm3',
  'blake2b512',
  'blake2s256',
  'whirlpool',
]);

export function tlsSettings(config: PostfixConfig): TlsSettings {
  const warnings: string[] = [];
  const given = config.get('smtpd_tls_security_level').toLowerCase();
  const level = given === '' ? legacyLevel(config) : levels[given];
  const fatal = level === undefined ? `fatal: Invalid TLS level "${given}"` : undefined;
  if (level === 'encrypt' && given !== 'encrypt' && given !== '') {
    warnings.push(`smtpd_tls_security_level: unsupported TLS level "${given}", using "encrypt"`);
  }
  const wrapper = config.boolean('smtpd_tls_wrappermode');
  const mandatory = wrapper || level === 'encrypt';
  const hidden = /(^|[\s,])starttls($|[\s,])/i.test(config.get('smtpd_discard_ehlo_keywords'));
  const offered = (mandatory || level === 'may') && !hidden;
  const requires = config.boolean('smtpd_tls_req_ccert');
  const asks = config.boolean('smtpd_tls_ask_ccert') || (mandatory && requires);
  if (offered && requires && !mandatory) warnings.push("Can't require client certs unless TLS is required");
  const broken = offered && (!hasServerCertificate(config, asks) || !digests.has(fingerprintDigest(config)));
  return {
    offered,
    mandatory,
    wrapper,
    asksCertificate: asks,
    requiresCertificate: mandatory && requires,
    hasAuthorities: config.get('smtpd_tls_CAfile') !== '' || config.get('smtpd_tls_CApath') !== '',
    broken,
    warnings,
    fatal,
  };
}

function legacyLevel(config: PostfixConfig): 'none' | 'may' | 'encrypt' {
  if (config.boolean('smtpd_enforce_tls')) return 'encrypt';
  return config.boolean('smtpd_use_tls') ? 'may' : 'none';
}

function hasServerCertificate(config: PostfixConfig, asks: boolean): boolean {
  const files = ['smtpd_tls_cert_file', 'smtpd_tls_dcert_file', 'smtpd_tls_eccert_file', 'smtpd_tls_chain_files'];
  if (config.get('smtpd_tls_cert_file').toLowerCase() === 'none') return !asks;
  return files.some((file) => config.get(file) !== '');
}

/**
 * What a client shows, as this server sees it: a certificate only where it asks for one, and none is trusted without
 * authorities to trust.
 */
export function asSeen(given: TlsSession, settings: TlsSettings): TlsSession {
  const shown = settings.asksCertificate ? given.certificate : undefined;
  const trusted = shown?.trusted === true && settings.hasAuthorities;
  const certificate = shown === undefined || shown.trusted === trusted ? shown : { ...shown, trusted };
  return certificate === given.certificate ? given : { protocol: given.protocol, certificate };
}
