import type { PostfixConfig } from '../../policy/postfix/config.ts';
import { atLeast } from '../../policy/postfix/version.ts';
import { certificateAt, certificatePairs, type Side } from '../configuration/certificate-roles.ts';
import type { CertificateEvidence, ConfigurationEvidence, Evidence } from '../evidence/evidence.ts';
import { whereSet } from '../evidence/where.ts';
import type { FindingRow, Occurrence } from './finding.ts';
import { troubleLine } from './log-lines.ts';

interface Own {
  readonly side: Side;
  readonly evidence: ConfigurationEvidence;
  readonly config: PostfixConfig;
}

/** Both sides, as far as they were given. */
function sides({ server, client }: Evidence): readonly Own[] {
  const first = server?.services[0];
  return [
    ...(server === undefined || first === undefined
      ? []
      : [{ side: 'smtpd' as const, evidence: server, config: first.config }]),
    ...(client === undefined ? [] : [{ side: 'smtp' as const, evidence: client, config: client.config }]),
  ];
}

function place({ evidence, config }: Own, parameter: string): Pick<Occurrence, 'where' | 'parameter'> {
  const where = whereSet(evidence, config, parameter);
  return { parameter, ...(where === undefined ? {} : { where }) };
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, index) => octet === b[index]);
}

const unusable =
  /(?:cannot (?:load|get|use) .*(?:certificate|private key|key)|key values mismatch|Private key does not match|No server certs available|certificate and private key .*do not match|error loading .*(?:certificate|key))/i;

export const certificateFileFindings: readonly FindingRow[] = [
  {
    id: 'key-mismatch',
    severity: 'error',
    title: 'the private key does not belong to the certificate',
    doc: 'Postfix turns TLS off when key and certificate do not match: servers answer STARTTLS with 454 4.7.0, clients go without a certificate or defer.',
    test: (evidence) =>
      sides(evidence).flatMap((own) =>
        certificatePairs(own.config, own.side).flatMap(({ certificateParameter, certificatePath, keyPath }) => {
          const leaf = certificateAt(own.evidence, certificatePath)?.chain[0];
          const key = own.evidence.keys.find((each) => each.path === keyPath || each.file === keyPath)?.publicKey;
          if (leaf === undefined || key === undefined || isSame(leaf.publicKey, key)) return [];
          return [
            {
              ...place(own, certificateParameter),
              message: `the key in "${keyPath}" is not that of the certificate in "${certificatePath}"`,
              why:
                own.side === 'smtpd'
                  ? 'the server turns TLS off: STARTTLS gets "454 4.7.0 TLS not available due to local problem"'
                  : 'the client cannot show its certificate, and is refused',
              repair:
                'put certificate and key of one and the same issue in place together; from Postfix 3.4 on, in one chain file',
            },
          ];
        }),
      ),
  },
  {
    id: 'tls-material-unusable',
    severity: 'error',
    title: 'Postfix could not use its certificate or key, and did without TLS',
    doc: 'A file that is missing, unreadable, encrypted or does not match turns TLS off for everybody; what clients see is "454 4.7.0 TLS not available", or a refusal later.',
    test: (evidence) => {
      const line = troubleLine(evidence, unusable);
      if (line === undefined) return [];
      return [
        {
          where: line.where,
          decisive: true,
          message: `TLS is off: "${line.text}"`,
          why: 'without TLS no certificate is shown, and whatever goes by certificates refuses',
          repair: 'check that certificate and key are there, match, are not encrypted, and can be read by root',
        },
      ];
    },
  },
  {
    id: 'intermediate-missing',
    severity: 'warning',
    title: 'the chain of the certificate is not complete, or in another order',
    doc: 'Whoever verifies a certificate needs every issuing CA between it and the trusted one: in the file after the certificate, each before its issuer.',
    test: (evidence) =>
      sides(evidence).flatMap((own) =>
        certificatePairs(own.config, own.side).flatMap(({ certificateParameter, certificatePath }) => {
          const file = certificateAt(own.evidence, certificatePath);
          const roots = trusted(own, evidence);
          const fault = file === undefined || roots.length === 0 ? undefined : chainFault(file, roots);
          if (fault === undefined) return [];
          return [
            {
              ...place(own, certificateParameter),
              message: `"${certificatePath}" ${fault}`,
              why: 'the other side cannot build the chain up to an authority that it trusts',
              repair: 'write into the file the certificate first, then the certificate of its issuer, and so on',
            },
          ];
        }),
      ),
  },
  {
    id: 'certificate-families-mixed',
    severity: 'warning',
    title: 'chain files are set beside the older parameters for certificates',
    doc: 'From Postfix 3.4 on chain files take the place of the certificate and key parameters; what those still name is ignored, with a warning.',
    test: (evidence) =>
      sides(evidence).flatMap((own) => {
        const { config, side } = own;
        if (!atLeast(config.version, '3.4') || config.get(`${side}_tls_chain_files`) === '') return [];
        const set = ['cert_file', 'eccert_file', 'dcert_file']
          .map((name) => `${side}_tls_${name}`)
          .filter((name) => config.isSet(name) && config.get(name) !== '');
        return set.map((name) => ({
          ...place(own, name),
          message: `${name} is set beside ${side}_tls_chain_files, and is ignored`,
          why: 'Postfix uses the chain files only, and warns each time it starts',
          repair: `empty ${name} and its key, or ${side}_tls_chain_files`,
        }));
      }),
  },
];

/** The authorities that the other side goes by, where they were given: its own CA file, or this side's. */
function trusted({ side, evidence }: Own, { server, client }: Evidence): CertificateEvidence['chain'] {
  const other = side === 'smtpd' ? client : server;
  const otherConfig = side === 'smtpd' ? client?.config : server?.services[0].config;
  const prefix = side === 'smtpd' ? 'smtp' : 'smtpd';
  const path = otherConfig?.get(`${prefix}_tls_CAfile`) ?? '';
  const file = other === undefined || path === '' ? undefined : certificateAt(other, path);
  return (
    file?.chain ??
    evidence.certificates.find(({ chain }) => chain.length > 0 && chain.every(({ isCA }) => isCA))?.chain ??
    []
  );
}

function chainFault({ chain }: CertificateEvidence, roots: CertificateEvidence['chain']): string | undefined {
  const [leaf, ...rest] = chain;
  if (leaf === undefined || leaf.selfSigned) return undefined;
  const ordered = rest.every((each, index) => chain[index]?.issuer === each.subject);
  if (!ordered) return `holds its certificates in an order that is no chain: "${leaf.issuer}" issued the first`;
  const last = chain.at(-1) ?? leaf;
  if (last.selfSigned || roots.some(({ subject }) => subject === last.issuer)) return undefined;
  return `lacks the certificate of "${last.issuer}", which is not among the trusted authorities`;
}
