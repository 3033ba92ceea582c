import { dirname } from 'node:path';
import { shellWord } from '../../../lib/text.ts';
import { portOf } from '../../../policy/postfix/smtp-services.ts';
import { tokens } from '../../../policy/postfix/tokens.ts';
import type { Version } from '../../../policy/postfix/version.ts';
import { packagedCertificates } from '../../../provision/render/notices.ts';
import type { Manifest, Setting } from '../../programs/manifest.ts';
import { listenerOf } from '../dedicated-service.ts';
import type { Overrides } from './hidden.ts';
import type { Refusal } from './refusal.ts';

/** The parameters that name certificates. */
const families = ['smtpd_tls_cert_file', 'smtpd_tls_eccert_file', 'smtpd_tls_dcert_file'] as const;

export interface ServerHost {
  readonly version: Version;
  /** The folder that is applied, as it was named. */
  readonly folder: string;
  /** `postconf -M`, by `name/type`. */
  readonly entries: ReadonlyMap<string, string>;
  /** `postconf -xP`. */
  readonly overrides: Overrides;
  /** A value in force with every `$name` filled in. */
  expanded(name: string): string;
  /** True where certrelay installed into this directory. */
  hasRecord(directory: string): boolean;
}

/**
 * The certificate of main.cf is that of every port. Undefined where no port that other hosts reach would show another one
 * than it does now.
 */
export function certificateReplaced(manifest: Manifest, host: ServerHost): Refusal | undefined {
  const { folder } = host;
  const lines = [...host.entries].flatMap(([service, line]) => {
    const shows = showing(service, line);
    if (shows === undefined) return [];
    return lost(shows, manifest, host).map((file) => `    port ${portOf(listenerOf(service))}: ${file}`);
  });
  if (lines.length === 0) return undefined;
  return {
    exit: 'denied',
    problem: {
      code: 'certificate-replaced',
      message:
        "nothing changed: every port would show a certificate of certrelay's CA, which only its clients trust, in place of",
      hint: [
        'keep the certificate, give the clients a port of their own, or replace it all the same:',
        '  certrelay init --server-cert keep --server-ca ISSUER.pem --yes',
        '    ISSUER.pem is the CA that issued it; then install the server and its clients again',
        '  certrelay init --dedicated-port 2525 --yes',
        '    then install the server and its clients again',
        `  certrelay apply ${shellWord(folder)} --replace-certificate`,
      ].join('\n'),
    },
    details: lines,
  };
}

/** The service whose certificate a listening entry shows: itself, or what is behind postscreen(8). */
function showing(service: string, line: string): string | undefined {
  if (!service.endsWith('/inet') || /^(?:127\.|localhost:|\[::1\]:)/.test(service)) return undefined;
  const program = line.split(/\s+/)[7]?.replace(/^.*\//, '');
  if (program === 'smtpd') return service;
  return program === 'postscreen' ? 'smtpd/pass' : undefined;
}

function lost(service: string, { settings, installDir }: Manifest, host: ServerHost): readonly string[] {
  const after = new Set(shown(service, settings, host));
  const isOwn = (file: string) =>
    file.startsWith(`${installDir}/`) || (file.includes('/') && host.hasRecord(dirname(file)));
  return shown(service, [], host).filter(
    (file) => file !== 'none' && !packagedCertificates.has(file) && !after.has(file) && !isOwn(file),
  );
}

/** From 3.4 on smtpd_tls_chain_files counts alone, even where an -o names another certificate (postconf(5)). */
function shown(service: string, settings: readonly Setting[], host: ServerHost): readonly string[] {
  const value = (name: string) =>
    [...(host.overrides.get(service) ?? [])].reverse().find((one) => one.name === name)?.value ??
    settings.find((one) => one.name === name)?.value ??
    host.expanded(name);
  const files = (name: string) => tokens(value(name), host.version);
  const chain = files('smtpd_tls_chain_files');
  return chain.length > 0 ? chain : families.flatMap(files);
}
