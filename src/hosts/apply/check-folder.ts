import { createPrivateKey, X509Certificate } from 'node:crypto';
import { CertrelayError, type Problem, usage } from '../../lib/problem.ts';
import { readMainCf } from '../../policy/postfix/main-cf.ts';
import { readMasterCf } from '../../policy/postfix/master-cf.ts';
import { parseVersion, type Version } from '../../policy/postfix/version.ts';
import { digestOf } from '../../provision/ledger/listed-lines.ts';
import { readMapFile } from '../../provision/ledger/map-file.ts';
import { readInstallDir } from '../../provision/settings/install-dir.ts';
import { type Entry, lineOf, type Manifest, type Setting } from '../programs/manifest.ts';
import { folderValueOf } from './dedicated-service.ts';
import type { HostFolder } from './read-folder.ts';
import { tableContradiction } from './shared-table.ts';

/**
 * Everything that a rendering may set. A folder that sets anything else was tampered with: main.cf can have programs
 * run and mail read, and whoever applies a folder wants certificates.
 */
const parameters =
  /^(?:smtpd?_tls_\w+|tls_append_default_CA|relay_clientcerts|smtpd_(?:client|helo|sender|relay|recipient|data)_restrictions|mynetworks|relayhost|smtp_fallback_relay|default_transport|sender_dependent_default_transport_maps)$/;

const again = 'make it again with "certrelay render", and copy it whole';

/** What an entry of master.cf may set beside these. */
const ofEntries = /^(?:syslog_name|smtpd_sasl_auth_enable|smtpd_end_of_data_restrictions|tls_ssl_options)$/;

/** True for a parameter that certrelay renders into main.cf, or into an entry of master.cf. */
export function isRendered(name: string, file: 'main.cf' | 'master.cf' = 'main.cf'): boolean {
  return parameters.test(name) || (file === 'master.cf' && ofEntries.test(name));
}

/**
 * What a folder says must hold together, whoever brought it: main.cf and install.sh say the same, files go to one folder
 * of their own, certificates are in force and belong to their keys.
 * @throws CertrelayError (usage).
 */
export function checkFolder({ path, manifest, files }: HostFolder, now: Date): void {
  const fail = (code: string, message: string) => usage(code, `"${path}": ${message}`, again);
  const installDir = readInstallDir(manifest.installDir);
  if (typeof installDir !== 'string') throw new CertrelayError('usage', installDir);
  const newest = parseVersion(manifest.versions.from);
  if ('code' in newest) throw new CertrelayError('usage', newest);
  const problem =
    checkSettings(manifest, text(files, 'main.cf'), newest) ??
    firstOf(manifest.services, (entry) => checkEntry(entry, newest)) ??
    firstOf(manifest.maps, ({ type, path: at, file }) =>
      at === `${manifest.installDir}/${file}` && /^(?:\$default_database_type|[a-z]+)$/.test(type)
        ? undefined
        : `the table "${type}:${at}" is not one of its own`,
    ) ??
    tableContradiction(manifest, files, newest) ??
    checkDigest(manifest, files);
  if (problem !== undefined) throw fail('folder-contradicts', problem);
  for (const { certificate, key } of manifest.pairs) checkPair(path, certificate, key, files, now);
}

/** A map of which no line is in the digest in force admits nobody. While digests are exchanged it has lines in both. */
function checkDigest(manifest: Manifest, files: HostFolder['files']): string | undefined {
  const digest = folderValueOf(manifest, 'smtpd_tls_fingerprint_digest');
  const { lines } = readMapFile(text(files, 'relay_clientcerts'));
  if (digest === undefined || lines.length === 0) return undefined;
  const isUsed = lines.some(({ fingerprint }) => digestOf(fingerprint) === digest);
  return isUsed ? undefined : `no line of relay_clientcerts is in the digest "${digest}", so nobody would be admitted`;
}

function text(files: HostFolder['files'], name: string): string {
  return files.get(name)?.toString('utf8') ?? '';
}

function firstOf<Item>(items: readonly Item[], check: (item: Item) => string | undefined): string | undefined {
  for (const item of items) {
    const found = check(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function checkSettings(manifest: Manifest, mainCf: string, version: Version): string | undefined {
  const said = [...manifest.settings, ...manifest.settingsUnlessSet];
  const strange = said.find(({ name }) => !isRendered(name));
  if (strange !== undefined) return `install.sh sets "${strange.name}", which certrelay never sets`;
  const unprintable = said.find(({ value }) => /[^\x20-\x7e]/.test(value));
  if (unprintable !== undefined) return `the value of "${unprintable.name}" is no plain text`;
  const read = readMainCf(mainCf, 'main.cf', version);
  // Of a list that the host keeps, main.cf shows what the rendering took for the host's own.
  const kept = new Set(manifest.elements.map(({ name }) => name));
  const shown = [...read.definitions]
    .filter(([name]) => !kept.has(name))
    .map(([name, { value }]) => lineOf({ name, value }));
  const differing = differenceOf(shown, said);
  return differing === undefined ? undefined : `main.cf and install.sh differ in "${differing}"`;
}

function differenceOf(lines: readonly string[], settings: readonly Setting[]): string | undefined {
  const wanted = new Set(settings.map(lineOf));
  const present = new Set(lines);
  return [...present].find((line) => !wanted.has(line)) ?? [...wanted].find((line) => !present.has(line));
}

/** An entry of master.cf may start the SMTP client or server with TLS settings, and no other program. */
function checkEntry({ service, line }: Entry, version: Version): string | undefined {
  const read = readMasterCf(line, 'master.cf', version);
  const [one, ...more] = read.services;
  const isOne = one !== undefined && more.length === 0 && read.fatal === undefined && !/[\r\n]/.test(line);
  if (!isOne || `${one.name}/${one.type}` !== service) return `"${line}" is no entry "${service}" of master.cf`;
  if (one.command !== 'smtp' && one.command !== 'smtpd') return `the entry "${service}" starts "${one.command}"`;
  if (one.fatal !== undefined) return `the entry "${service}": ${one.fatal}`;
  const strange = one.overrides.find(({ name }) => !isRendered(name, 'master.cf'));
  return strange === undefined ? undefined : `the entry "${service}" sets "${strange.name}"`;
}

function checkPair(path: string, certificate: string, key: string, files: HostFolder['files'], now: Date): void {
  const own = certificateIn(files.get(certificate));
  if (own === undefined) throw usage('no-certificate', `"${path}/${certificate}" holds no certificate`, again);
  let belongs = false;
  try {
    belongs = own.checkPrivateKey(createPrivateKey(text(files, key)));
  } catch {
    // No key, or one that is encrypted, with which Postfix could not start either.
  }
  if (!belongs) {
    const hint = 'copy both from the same run of certrelay';
    throw usage('key-foreign', `"${path}/${key}" is not the key of "${path}/${certificate}"`, hint);
  }
  const ended = Date.parse(own.validTo) < now.getTime();
  if (ended) throw new CertrelayError('usage', expired(`${path}/${certificate}`, own.validTo));
}

function certificateIn(bytes: Buffer | undefined): X509Certificate | undefined {
  const pem = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/.exec(bytes?.toString('utf8') ?? '')?.[0];
  if (pem === undefined) return undefined;
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function expired(file: string, validTo: string): Problem {
  return {
    code: 'certificate-expired',
    message: `the certificate "${file}" ended on ${new Date(validTo).toISOString()}`,
    hint: 'issue a new one with "certrelay rotate", and look whether the clock of this host is right',
  };
}
