import type { PostfixConfig } from '../../postfix/config.ts';
import { atLeast } from '../../postfix/version.ts';
import type { TlsSession } from '../dialogue/session.ts';
import { readDigestName } from './digest-names.ts';
import type { Trail } from './trail.ts';

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
  /** Where TLS comes first, such a client hears of it in place of the greeting; up to 3.4 behind its first command. */
  readonly abortsGreeting: boolean;
  /** With neither CA file nor folder no certificate is ever trusted. */
  readonly hasAuthorities: boolean;
  /** TLS is configured, but cannot work. */
  readonly broken: boolean;
  /** Set: TLS works only where OpenSSL has a digest of this name. */
  readonly unsureDigest: string | undefined;
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

/** The server's TLS policy by smtpd_tls_security_level, or by what came before it (smtpd_use_tls, smtpd_enforce_tls). */
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
  const digest = config.get('smtpd_tls_fingerprint_digest');
  const { known } = readDigestName(digest, config.version);
  const broken = offered && (!hasServerCertificate(config, asks) || known === 'no');
  return {
    offered,
    mandatory,
    wrapper,
    asksCertificate: asks,
    requiresCertificate: mandatory && requires,
    abortsGreeting: atLeast(config.version, '3.5'),
    hasAuthorities: config.get('smtpd_tls_CAfile') !== '' || config.get('smtpd_tls_CApath') !== '',
    broken,
    unsureDigest: offered && known === 'depends' ? digest : undefined,
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

/** Whether starting TLS fails on the server's side. */
export function cannotStart({ broken, unsureDigest }: TlsSettings, trail: Trail): boolean {
  if (broken || unsureDigest === undefined) return broken;
  return !trail.suppose(`digest "${unsureDigest}" of the server's OpenSSL`, [true, false]);
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
