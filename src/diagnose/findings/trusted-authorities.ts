import { tlsSettings } from '../../policy/smtpd/questions/tls.ts';
import { certificatePermits } from '../configuration/elements.ts';
import type { ServerEvidence, ServiceEvidence } from '../evidence/evidence.ts';
import type { FindingRow } from './finding.ts';
import { at, perService } from './per-service.ts';

/** Where systems keep the authorities that browsers trust. */
const systemBundle =
  /^\/(?:etc\/ssl\/(?:certs(?:\/ca-certificates\.crt|\/ca-bundle\.crt)?\/?$|cert\.pem$)|etc\/pki\/(?:tls\/(?:certs\/?$|certs\/ca-bundle|cert\.pem$)|ca-trust\/)|etc\/ca-certificates\/|usr\/share\/(?:ca-certificates|ssl)|var\/lib\/ca-certificates\/|usr\/local\/etc\/ssl\/cert\.pem$)/;

/** More authorities than a site has of its own. */
const many = 10;

function permitsAll({ config }: ServiceEvidence): boolean {
  return certificatePermits(config).some(({ name }) => name === 'permit_tls_all_clientcerts');
}

/** The parameter that brings in authorities that certify anybody, and why. */
function publicAuthorities(server: ServerEvidence, { config }: ServiceEvidence): readonly [string, string] | undefined {
  const file = config.get('smtpd_tls_CAfile');
  const folder = config.get('smtpd_tls_CApath');
  if (config.boolean('tls_append_default_CA') && (file !== '' || folder !== '')) {
    return ['tls_append_default_CA', 'tls_append_default_CA adds the authorities of the system to your own'];
  }
  if (systemBundle.test(file)) return ['smtpd_tls_CAfile', `"${file}" holds the authorities of the system`];
  if (systemBundle.test(folder)) return ['smtpd_tls_CApath', `"${folder}" holds the authorities of the system`];
  const given = server.certificates.find(({ path }) => path === file)?.chain.length ?? 0;
  return given > many ? ['smtpd_tls_CAfile', `"${file}" holds ${given} authorities`] : undefined;
}

export const trustedAuthorityFindings: readonly FindingRow[] = [
  {
    id: 'all-clientcerts-public-authorities',
    severity: 'error',
    title: 'whoever gets a certificate from a public authority can relay',
    doc: 'permit_tls_all_clientcerts lets in every certificate that verifies. Public authorities give certificates to anybody.',
    test: (evidence) =>
      perService(evidence, (server, service) => {
        const found = permitsAll(service) ? publicAuthorities(server, service) : undefined;
        if (found === undefined) return [];
        const [parameter, why] = found;
        return [
          {
            ...at(server, service, parameter),
            message: 'permit_tls_all_clientcerts lets in everybody with a certificate of a public authority',
            why: `${why}, and these give certificates to anybody`,
            repair: 'write permit_tls_clientcerts and list the fingerprints, or trust your own authority alone',
          },
        ];
      }),
  },
  {
    id: 'all-clientcerts-without-authority',
    severity: 'warning',
    title: 'every trusted certificate is permitted, but none is trusted',
    doc: 'permit_tls_all_clientcerts needs smtpd_tls_CAfile or smtpd_tls_CApath; without either no certificate verifies.',
    test: (evidence) =>
      perService(evidence, (server, service) => {
        const permit = certificatePermits(service.config).find(({ name }) => name === 'permit_tls_all_clientcerts');
        if (permit === undefined || tlsSettings(service.config).hasAuthorities) return [];
        return [
          {
            ...at(server, service, permit.list, permit.written),
            message: 'permit_tls_all_clientcerts never applies: neither smtpd_tls_CAfile nor smtpd_tls_CApath is set',
            why: 'without authorities no certificate verifies; only those that relay_clientcerts lists are let in',
            repair: 'set smtpd_tls_CAfile to your own authority, or write permit_tls_clientcerts and list fingerprints',
          },
        ];
      }),
  },
];
