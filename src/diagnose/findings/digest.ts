import { atLeast } from '../../policy/postfix/version.ts';
import { fingerprintDigest, readDigestName } from '../../policy/smtpd/questions/digest-names.ts';
import { tlsSettings } from '../../policy/smtpd/questions/tls.ts';
import { digestLengths, fingerprintShape } from '../../x509/fingerprint-text.ts';
import { fingerprintTables, hasFixedKeys, tableLines, usesCertificates } from '../configuration/certificate-use.ts';
import { overrideOf, setTo } from '../configuration/edit.ts';
import type { ServerEvidence, ServiceEvidence } from '../evidence/evidence.ts';
import type { FindingRow } from './finding.ts';
import { troubleLine } from './log-lines.ts';
import { at, decisiveFor, perService } from './per-service.ts';

const parameter = 'smtpd_tls_fingerprint_digest';

/** How many keys of each digest's length a service's tables hold, the most frequent first. */
function digestsOfKeys(server: ServerEvidence, service: ServiceEvidence): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const table of fingerprintTables(server, service)) {
    if (table.source === undefined || !hasFixedKeys(table)) continue;
    for (const { key } of tableLines(table.source)) {
      const shape = fingerprintShape(key);
      if (shape.kind === 'none') continue;
      const digest = Object.entries(digestLengths).find(([, octets]) => octets === shape.octets)?.[0];
      if (digest !== undefined) counts.set(digest, (counts.get(digest) ?? 0) + 1);
    }
  }
  return [...counts].sort((a, b) => b[1] - a[1]);
}

const unavailable =
  /digest algorithm "?[\w-]+"? (?:is )?not (?:found|available)|error computing certificate .* digest/i;

/** The digest that fingerprints are computed in, against the map that they are looked up in. */
export const digestFindings: readonly FindingRow[] = [
  {
    id: 'digest-key-length',
    severity: 'error',
    title: 'the map lists fingerprints of another digest than the server computes',
    doc:
      'A fingerprint of MD5 has 16 octets, of SHA-1 20, of SHA-256 32, of SHA-384 48, of SHA-512 64. The server computes ' +
      'the one that smtpd_tls_fingerprint_digest names, and nothing in the log says that the keys are of another kind.',
    test: (evidence) =>
      perService(evidence, (server, service) => {
        const digest = fingerprintDigest(service.config);
        const octets = digestLengths[digest];
        const counts = digestsOfKeys(server, service);
        const [most] = counts;
        if (most === undefined || octets === undefined || counts.some(([name]) => name === digest)) return [];
        const [name, count] = most;
        const origin = service.config.origin(parameter).kind === 'default' ? ', a default' : '';
        return [
          {
            ...at(server, service, parameter),
            ...decisiveFor(evidence, service, ({ conversation }) => conversation.tls?.certificate !== undefined),
            message: `the server computes ${digest} fingerprints (${octets} octets${origin}), but the map lists ${count === 1 ? 'one' : count} of ${digestLengths[name]} octets: ${name}`,
            why: 'keys of another length never match, and the log does not say so',
            repair: `set ${parameter} to ${name}, or list the ${digest} fingerprints`,
            edits: [[setTo(parameter, name, overrideOf(service, parameter))]],
          },
        ];
      }),
  },
  {
    id: 'digest-default-md5',
    severity: 'warning',
    title: 'the digest of fingerprints is left to a default, which is md5 here',
    doc:
      'The default is md5 up to Postfix 3.5, and in later releases while compatibility_level is below 3.6, as it stays on ' +
      'hosts that were upgraded. A higher level changes it to sha256, and then no listed fingerprint matches any more.',
    test: (evidence) =>
      perService(evidence, (server, service) => {
        const { config } = service;
        if (!usesCertificates(service) || config.isSet(parameter) || config.get(parameter).toLowerCase() !== 'md5')
          return [];
        const level = config.get('compatibility_level');
        return [
          {
            ...at(server, service, atLeast(config.version, '3.6') ? 'compatibility_level' : parameter),
            message: `${parameter} is not set, and its default is md5${atLeast(config.version, '3.6') ? ` while compatibility_level is "${level}"` : ''}`,
            why: 'an upgrade or a higher compatibility_level changes it to sha256, and then no listed fingerprint matches; a FIPS host has no md5 at all',
            repair: `write the digest of the fingerprints in the map: "${parameter} = ${digestsOfKeys(server, service)[0]?.[0] ?? 'sha256'}"`,
          },
        ];
      }),
  },
  {
    id: 'digest-unknown',
    severity: 'error',
    title: 'the digest of fingerprints is none that OpenSSL has',
    doc: 'The server turns TLS off when it cannot compute fingerprints, and answers STARTTLS with 454 4.7.0.',
    test: (evidence) =>
      perService(evidence, (server, service) => {
        const { config } = service;
        const digest = config.get(parameter);
        const certificate = ['cert_file', 'eccert_file', 'dcert_file', 'chain_files'].some(
          (name) => config.get(`smtpd_tls_${name}`) !== '',
        );
        if (!tlsSettings(config).offered || !certificate) return [];
        if (readDigestName(digest, config.version).known !== 'no') return [];
        const instead = digestsOfKeys(server, service)[0]?.[0] ?? 'sha256';
        return [
          {
            ...at(server, service, parameter, digest),
            ...decisiveFor(evidence, service, () => true),
            message: `${parameter} is "${digest}", which is no digest of OpenSSL`,
            why: 'the server turns TLS off: STARTTLS gets "454 4.7.0 TLS not available due to local problem"',
            repair: `write ${instead}`,
            edits: [[setTo(parameter, instead, overrideOf(service, parameter))]],
          },
        ];
      }),
  },
  {
    id: 'digest-unavailable',
    severity: 'error',
    title: "the server's OpenSSL does not offer the digest, and TLS is off",
    doc: 'A host in FIPS mode has no md5 (nor, with some policies, sha1): the server says so in its log and turns TLS off.',
    test: (evidence) => {
      const line = troubleLine(evidence, unavailable);
      if (line === undefined) return [];
      const first = evidence.server?.services[0];
      const instead =
        first !== undefined && evidence.server !== undefined
          ? digestsOfKeys(evidence.server, first)[0]?.[0]
          : undefined;
      const digest = instead === undefined || instead === 'md5' ? 'sha256' : instead;
      return [
        {
          where: line.where,
          parameter,
          decisive: true,
          message: `the server could not compute fingerprints: "${line.text}"`,
          why: 'TLS is off, and with it every permit by certificate; a host in FIPS mode has no md5',
          repair: `set ${parameter} to ${digest}, and list the fingerprints of that digest`,
        },
      ];
    },
  },
];
