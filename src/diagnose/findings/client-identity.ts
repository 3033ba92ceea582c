import { certificatePairs } from '../configuration/certificate-roles.ts';
import { usesCertificates } from '../configuration/certificate-use.ts';
import { routeOf } from '../configuration/client-route.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { whereSet } from '../evidence/where.ts';
import type { FindingRow, Occurrence } from './finding.ts';

function at({ client }: Evidence, parameter: string): Pick<Occurrence, 'where' | 'parameter'> {
  const where = client === undefined ? undefined : whereSet(client, client.config, parameter);
  return { parameter, ...(where === undefined ? {} : { where }) };
}

/** Ways in which mail of this host goes elsewhere than to its relay. */
const directRoutes = ['transport_maps', 'sender_dependent_relayhost_maps', 'sender_dependent_default_transport_maps'];

/** Which certificate the client shows, and to whom. */
export const clientIdentityFindings: readonly FindingRow[] = [
  {
    id: 'client-certificate-missing',
    severity: 'error',
    title: 'the client has no certificate to show',
    doc: 'smtp(8) shows what smtp_tls_cert_file or smtp_tls_chain_files names; the smtpd_tls_… parameters are for the server only.',
    test: (evidence) => {
      const { client, server } = evidence;
      if (client === undefined || server === undefined || !server.services.some(usesCertificates)) return [];
      if (certificatePairs(client.config, 'smtp').length > 0 || hasOwnTransport(evidence)) return [];
      const serverOnly = certificatePairs(client.config, 'smtpd').length > 0;
      return [
        {
          ...at(evidence, serverOnly ? 'smtpd_tls_cert_file' : 'smtp_tls_cert_file'),
          message: serverOnly
            ? 'smtpd_tls_cert_file is set on the client, but smtp_tls_cert_file is not: it shows no certificate'
            : 'neither smtp_tls_cert_file nor smtp_tls_chain_files is set: the client shows no certificate',
          why: 'the relay lets clients in by their certificate',
          repair: 'set smtp_tls_cert_file and smtp_tls_key_file (from 3.4 on smtp_tls_chain_files)',
        },
      ];
    },
  },
  {
    id: 'client-certificate-everywhere',
    severity: 'note',
    title: 'the client shows its certificate to every server that asks',
    doc: 'A certificate in main.cf is for all deliveries. Some servers refuse, or fail, when they see one that they did not expect; one transport of its own keeps it for the relay.',
    test: (evidence) => {
      const { client } = evidence;
      if (client === undefined) return [];
      const [pair] = certificatePairs(client.config, 'smtp');
      const route = routeOf(evidence);
      const direct = directRoutes.find((name) => client.config.get(name) !== '');
      if (pair === undefined || (route?.relayhost !== '' && direct === undefined)) return [];
      return [
        {
          ...at(evidence, pair.certificateParameter),
          message: `${pair.certificateParameter} is for every delivery, and this host also delivers elsewhere${direct === undefined ? '' : ` (${direct})`}`,
          why: 'whoever asks for a certificate gets to see this one, and some servers break off because of it',
          repair: `set ${pair.certificateParameter} with -o for a transport of its own in master.cf, and use that for the relay`,
        },
      ];
    },
  },
  {
    id: 'client-shows-server-certificate',
    severity: 'warning',
    title: "the client shows the server's certificate",
    doc: 'A certificate for servers verifies as a client only when it is meant for both; public authorities no longer issue such ones.',
    test: (evidence) => {
      const { client } = evidence;
      if (client === undefined) return [];
      const own = new Set(certificatePairs(client.config, 'smtpd').map(({ certificatePath }) => certificatePath));
      return certificatePairs(client.config, 'smtp')
        .filter(({ certificatePath }) => own.has(certificatePath))
        .map(({ certificateParameter, certificatePath }) => ({
          ...at(evidence, certificateParameter),
          message: `${certificateParameter} is "${certificatePath}", the certificate of this host's own server`,
          why: 'it changes with that of the server, and where certificates are verified it is refused unless it is meant for clients as well',
          repair: 'issue the client a certificate of its own',
        }));
    },
  },
];

/** True where some transport of master.cf has a certificate of its own. */
function hasOwnTransport({ client }: Evidence): boolean {
  return (client?.master?.parsed.services ?? []).some(({ overrides }) =>
    overrides.some(({ name, value }) => /^smtp_tls_(?:chain_files|(?:ec|d)?cert_file)$/.test(name) && value !== ''),
  );
}
