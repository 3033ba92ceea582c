import { isPlaceholder } from '../../lib/placeholder-fingerprint.ts';
import { fingerprintDigest } from '../../policy/smtpd/questions/digest-names.ts';
import { digestOfLength, fingerprintShape, seeCertificate } from '../../x509/fingerprint-text.ts';
import { clientCertificates } from '../configuration/certificate-roles.ts';
import { fingerprintTables, hasFixedKeys, tableLines } from '../configuration/certificate-use.ts';
import type { TableEdit } from '../configuration/edit.ts';
import { certificatePermits } from '../configuration/elements.ts';
import type { Evidence, ServerEvidence, ServiceEvidence } from '../evidence/evidence.ts';
import type { FindingRow, Occurrence } from './finding.ts';
import { perService } from './per-service.ts';

/** A certificate that a client has, or was seen to show. */
interface Identity {
  readonly name: string;
  readonly names: readonly string[];
  /** By digest name, upper case with colons. */
  readonly fingerprint: Readonly<Record<string, string>>;
  readonly publicKeyFingerprint: Readonly<Record<string, string>>;
  /** From a session that failed. */
  readonly refused: boolean;
}

function identities(evidence: Evidence, service: ServiceEvidence): readonly Identity[] {
  const given = clientCertificates(evidence).map(({ leaf }) => ({
    name: leaf.subject || leaf.names[0] || leaf.serial,
    names: leaf.names,
    fingerprint: { ...leaf.fingerprint },
    publicKeyFingerprint: { ...leaf.publicKeyFingerprint },
    refused: false,
  }));
  const seen = evidence.replays
    .filter((replay) => replay.service === service)
    .flatMap(({ conversation, verdict }) => {
      const certificate = conversation.tls?.certificate;
      if (certificate === undefined) return [];
      const { subject, fingerprint, publicKeyFingerprint } = certificate;
      return [{ name: subject, names: [], fingerprint, publicKeyFingerprint, refused: verdict.verdict === 'reject' }];
    });
  return [...seen, ...given];
}

function listedTable(server: ServerEvidence, service: ServiceEvidence) {
  const tables = fingerprintTables(server, service).filter(({ parameter }) => parameter === 'relay_clientcerts');
  const [table] = tables;
  // With several tables, or one that cannot be listed, nobody knows what is not in them.
  if (tables.length !== 1 || table?.source === undefined || !hasFixedKeys(table)) return undefined;
  const lines = tableLines(table.source);
  return { table, source: table.source, lines, keys: new Set(lines.map(({ key }) => key.toUpperCase())) };
}

export const listedNameFindings: readonly FindingRow[] = [
  {
    id: 'certificate-not-listed',
    severity: 'error',
    title: "the client's certificate is not in the map",
    doc: 'A renewed certificate has another fingerprint; its public key has the same only while the key is kept. A client may also show another certificate than was thought.',
    test: (evidence) =>
      perService(evidence, (server, service) => {
        const digest = fingerprintDigest(service.config);
        const listed = listedTable(server, service);
        // Where every trusted certificate is let in, none has to be listed.
        if (listed === undefined || certificatePermits(service.config).some(({ name }) => /all/.test(name))) return [];
        const { table, source, lines, keys } = listed;
        const fits = lines.filter(
          ({ key }) => fingerprintShape(key).kind === 'fingerprint' && digestOfLength(key) === digest,
        );
        // A map of another digest, or of none, is another finding.
        if (lines.length > 0 && fits.length === 0) return [];
        const missing = new Map<string, Identity>();
        for (const identity of identities(evidence, service)) {
          const own = identity.fingerprint[digest];
          const key = identity.publicKeyFingerprint[digest];
          if (own === undefined || keys.has(own) || (key !== undefined && keys.has(key)) || missing.has(own)) continue;
          missing.set(own, identity);
        }
        return [...missing].map(([fingerprint, { name, refused }]): Occurrence => {
          if (isPlaceholder(fingerprint)) return { ...unseen(source.file), ...(refused ? { decisive: true } : {}) };
          const same = lines.find(({ value }) => value.split(/\s/)[0]?.toLowerCase() === name.toLowerCase());
          return {
            where: { file: source.file, line: same?.line ?? 1, column: 1 },
            parameter: 'relay_clientcerts',
            ...(refused ? { decisive: true } : {}),
            message: `the certificate that "${name}" shows is not listed: ${digest} ${fingerprint}`,
            why:
              same === undefined
                ? 'neither its fingerprint nor that of its public key is in the map'
                : `line ${same.line} lists another one for that name: it was renewed, or the client shows a certificate that is not the one listed`,
            repair: `if this is that client's certificate, add the line "${fingerprint} ${name}" and run "postmap ${table.spec}"`,
            edits: [[added(table, source.text, `${fingerprint} ${name}`)]],
          };
        });
      }),
  },
  {
    id: 'name-without-certificate',
    severity: 'note',
    title: 'the map names a client of which no certificate is known',
    doc: 'A line whose certificate nobody has any more still lets its holder in: Postfix knows no revocation but taking the line out.',
    test: (evidence) =>
      perService(evidence, (server, service) => {
        const listed = listedTable(server, service);
        const known = identities(evidence, service).filter(
          ({ fingerprint }) => !Object.values(fingerprint).some(isPlaceholder),
        );
        if (listed === undefined || known.length === 0) return [];
        const prints = new Set(
          known.flatMap(({ fingerprint, publicKeyFingerprint }) => [
            ...Object.values(fingerprint),
            ...Object.values(publicKeyFingerprint),
          ]),
        );
        const names = new Set(
          known.flatMap(({ name, names: own }) => [name, ...own]).map((name) => name.toLowerCase()),
        );
        return listed.lines
          .filter(({ key, value }) => {
            const name = value.split(/\s/)[0]?.toLowerCase() ?? '';
            return /^[\w-]+(?:\.[\w-]+)+$/.test(name) && !names.has(name) && !prints.has(key.toUpperCase());
          })
          .map(({ line, value }) => ({
            where: { file: listed.source.file, line, column: 1 },
            parameter: 'relay_clientcerts',
            message: `no certificate of "${value}" was given or seen`,
            why: 'whoever has that certificate can relay as long as the line is there',
            repair: 'take the line out if that client is gone; leave it if it was only not looked at',
          }));
      }),
  },
];

/** A refusal that means that the certificate is not listed, of a session whose log does not tell which one it was. */
function unseen(file: string): Occurrence {
  return {
    where: { file, line: 1, column: 1 },
    parameter: 'relay_clientcerts',
    message: 'the certificate that the client showed is not listed, and the log does not show which one it was',
    why: 'the fingerprint that the server looks for is logged from smtpd_tls_loglevel = 2 on',
    repair: seeCertificate,
  };
}

function added(
  { spec, path }: { readonly spec: string; readonly path: string },
  text: string,
  line: string,
): TableEdit {
  return { kind: 'table', spec, path, text: `${text.replace(/\n*$/, text.trim() === '' ? '' : '\n')}${line}\n` };
}
