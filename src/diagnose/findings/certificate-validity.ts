import type { CertificateFacts } from '../../x509/facts.ts';
import { certificateAt, certificatePairs, clientCertificates } from '../configuration/certificate-roles.ts';
import { needsTrust } from '../configuration/certificate-use.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { FindingRow, Occurrence, Severity } from './finding.ts';

interface Shown {
  readonly file: string;
  readonly leaf: CertificateFacts;
  readonly role: 'server' | 'client';
}

/** Every end-entity certificate that one side shows the other. */
function shown(evidence: Evidence): readonly Shown[] {
  const { server } = evidence;
  const servers =
    server === undefined
      ? []
      : certificatePairs(server.services[0].config, 'smtpd').flatMap(({ certificatePath }) => {
          const file = certificateAt(server, certificatePath);
          const leaf = file?.chain[0];
          return file === undefined || leaf === undefined ? [] : [{ file: file.file, leaf, role: 'server' as const }];
        });
  return [
    ...servers,
    ...clientCertificates(evidence).map(({ file, leaf }) => ({ file, leaf, role: 'client' as const })),
  ];
}

/** Whether the other side goes by more than the fingerprint, and the severity of a certificate that does not verify. */
function matters(
  { server, client }: Evidence,
  role: Shown['role'],
): { readonly severity: Severity; readonly why: string } {
  if (role === 'client') {
    if (server === undefined)
      return {
        severity: 'warning',
        why: 'a server that wants a certificate that verifies refuses it; one that goes by fingerprints does not look',
      };
    return server.services.some(needsTrust)
      ? {
          severity: 'error',
          why: 'the server wants a certificate that verifies (smtpd_tls_req_ccert or permit_tls_all_clientcerts), and refuses this one',
        }
      : {
          severity: 'note',
          why: 'this server goes by the fingerprint alone, so relaying works; its log calls the connection untrusted',
        };
  }
  const level = client?.config.get('smtp_tls_security_level') ?? '';
  return /^(?:verify|secure)$/i.test(level)
    ? {
        severity: 'error',
        why: `the client's level is "${level}", and it defers its mail rather than talk to this server`,
      }
    : {
        severity: 'warning',
        why: 'a client at level verify or secure defers its mail rather than talk to this server',
      };
}

function occurrences(
  evidence: Evidence,
  fault: (shown: Shown) => { readonly message: string; readonly repair: string } | undefined,
): readonly Occurrence[] {
  return shown(evidence).flatMap((each) => {
    const found = fault(each);
    if (found === undefined) return [];
    return [{ ...found, ...matters(evidence, each.role), where: { file: each.file, line: 1, column: 1 } }];
  });
}

function nameOf({ leaf, role }: Shown): string {
  return `the ${role}'s certificate "${leaf.subject || leaf.names[0] || leaf.serial}"`;
}

export const certificateValidityFindings: readonly FindingRow[] = [
  {
    id: 'certificate-not-valid-now',
    severity: 'error',
    title: 'a certificate has expired, or is not valid yet',
    doc: 'Where certificates are verified, such a one is refused. A fingerprint matches whatever the dates say.',
    test: (evidence) =>
      occurrences(evidence, (each) => {
        const { notBefore, notAfter } = each.leaf;
        const now = evidence.now.getTime();
        const late = Date.parse(notAfter) < now;
        if (!late && Date.parse(notBefore) <= now) return undefined;
        return {
          message: `${nameOf(each)} ${late ? `expired on ${notAfter}` : `is not valid before ${notBefore}`}`,
          repair: late
            ? 'issue a new one, list its fingerprint beside the old one, then hand it over'
            : 'wait, or set the clock that issued it right',
        };
      }),
  },
  {
    id: 'certificate-usage',
    severity: 'error',
    title: 'a certificate was not issued for the end it is used for',
    doc: 'Where certificates are verified, a client needs clientAuth and a server serverAuth among its extended key usages, if it has any. Public authorities no longer issue clientAuth.',
    test: (evidence) =>
      occurrences(evidence, (each) => {
        const { extKeyUsage } = each.leaf;
        const wanted = each.role === 'client' ? 'clientAuth' : 'serverAuth';
        const fits =
          extKeyUsage.length === 0 || extKeyUsage.includes(wanted) || extKeyUsage.includes('anyExtendedKeyUsage');
        if (fits) return undefined;
        return {
          message: `${nameOf(each)} is for ${extKeyUsage.join(', ')} only, not for ${wanted}`,
          repair: `issue one for ${wanted} from an authority of your own`,
        };
      }),
  },
];
