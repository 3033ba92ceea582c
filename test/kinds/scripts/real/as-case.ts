import { readMainCf } from '../../../../src/policy/postfix/main-cf.ts';
import { readMasterCf } from '../../../../src/policy/postfix/master-cf.ts';
import { parseVersion } from '../../../../src/policy/postfix/version.ts';
import type { CertificatePool, PooledCertificate } from '../../differential/certificates.ts';
import type { Case, ScenarioCertificate, ScenarioSession } from '../../differential/scenario.ts';
import type { ScriptSession } from '../script.ts';
import { nameOf } from './certificates.ts';

/** What the lab needs of a server, where the script does not say otherwise. */
const unlessSet: Readonly<Record<string, string>> = {
  inet_interfaces: '127.0.0.1',
  // What the simulator takes for the name of a host that has none.
  myhostname: 'localhost.localdomain',
  smtpd_error_sleep_time: '0',
  smtpd_client_connection_count_limit: '0',
  smtpd_client_connection_rate_limit: '0',
  smtpd_peername_lookup: 'yes',
  smtp_host_lookup: 'dns',
  maillog_file: '',
};

/** The certificate that the client of a session shows. */
export function shown(session: ScriptSession): ScenarioCertificate | undefined {
  const { tls } = session.session as unknown as ScenarioSession;
  return tls?.certificate ?? undefined;
}

/** A session of a script as a case of the harness: with files that are there, and a certificate that somebody has. */
export function asCase(session: ScriptSession, version: string, pool: CertificatePool): Case {
  const release = parseVersion(version);
  if ('code' in release) throw new Error(release.message);
  const given = session.session as unknown as ScenarioSession;
  const certificate = shown(session);
  const real = pool.clients.find(({ name }) => certificate !== undefined && name === nameOf(certificate));
  const own = (text: string) => inPlace(text, certificate, real);
  const written = [...readMainCf(session.mainCf, 'main.cf', release).definitions];
  const parameters = written.map(([name, { value }]): [string, string] => [name, own(value)]);
  const isSet = (name: string) => parameters.some(([each]) => each === name);
  for (const [name, value] of Object.entries(unlessSet)) if (!isSet(name)) parameters.push([name, value]);
  if (isSet('smtpd_tls_cert_file') && !isSet('smtpd_tls_key_file'))
    parameters.push(['smtpd_tls_key_file', '/etc/postfix/lab/server.key']);
  if (given.sasl !== null && !isSet('smtpd_sasl_type'))
    parameters.push(['smtpd_sasl_type', 'dovecot'], ['smtpd_sasl_path', 'private/lab-auth']);
  const services = session.masterCf === undefined ? [] : readMasterCf(session.masterCf, 'master.cf', release).services;
  const overrides = services.find(({ name }) => name === 'smtp')?.overrides ?? [];
  return {
    configuration: {
      parameters,
      overrides: overrides.map(({ name, value }) => [name, own(value)] as const),
      // What lies in no file, the host has to have by itself.
      tables: Object.fromEntries(
        Object.entries(session.tables).flatMap(([path, text]) => (path.startsWith('/') ? [[path, own(text)]] : [])),
      ),
    },
    session: {
      ...given,
      client: { ...given.client, reverseName: given.client.reverseName ?? given.client.name },
      data: given.data ?? false,
      tls: given.tls === null ? null : { ...given.tls, certificate: real === undefined ? null : { ...real } },
    },
    world: session.world,
  };
}

/** Scripts name files that no host has, and fingerprints that nobody's certificate has. */
function inPlace(text: string, said: ScenarioCertificate | undefined, real: PooledCertificate | undefined): string {
  let put = text.replaceAll(/\/etc\/postfix\/(server|ca)\.pem\b/g, '/etc/postfix/lab/$1.pem');
  if (said === undefined || real === undefined) return put;
  for (const kind of ['fingerprint', 'publicKeyFingerprint'] as const) {
    for (const [digest, fake] of Object.entries(said[kind])) {
      const fingerprint = real[kind][digest] ?? '';
      for (const colon of [':', ''])
        put = replaceAlone(put, fake.replaceAll(':', colon), fingerprint.replaceAll(':', colon));
    }
  }
  return put;
}

/** Replaces a fingerprint that stands alone, in the case in which it is written. */
function replaceAlone(text: string, fake: string, real: string): string {
  if (fake.length < 5) return text;
  return text.replaceAll(new RegExp(`(?<![0-9A-F:])${fake}(?![0-9A-F:])`, 'gi'), (found) =>
    found === found.toLowerCase() && found !== found.toUpperCase() ? real.toLowerCase() : real,
  );
}
