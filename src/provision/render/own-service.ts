import { digests } from '../../x509/algorithms.ts';
import { isBefore } from '../settings/postfix-version.ts';
import type { Settings } from '../settings/types.ts';
import type { Base } from './base.ts';
import { choice } from './field.ts';
import { masterEntry } from './master-entry.ts';
import type { Place } from './part.ts';
import { withoutTickets } from './session-tickets.ts';
import type { Assignment, ServerView, ServiceView } from './view.ts';

type Tls = Pick<ServerView, 'caFile' | 'certificate' | 'certificateUnused' | 'relayClientcerts' | 'hardening'>;

/** The name in the log, before `/smtpd`, by which the service's lines are told from the others'. */
const syslogName = 'postfix/certrelay';

/**
 * A service of the server's for the clients alone: it asks for a certificate, and whoever shows none that is listed gets
 * nothing from it, neither to other sites nor to the server's own recipients. All that decides is said here, so that
 * main.cf needs nothing for it and nothing of main.cf's lists is in its way.
 *
 * A certificate is asked for and not required (smtpd_tls_req_ccert): required, it would have to verify against the
 * authority, which those from elsewhere do not, and a handshake that breaks off tells the client nothing. Logins count
 * for nothing here, so none are offered.
 */
export function ownService(
  settings: Pick<Settings, 'digest' | 'policy' | 'unauthorized'>,
  { port, version }: Pick<Place, 'port' | 'version'>,
  tls: Tls,
  base: Base | undefined,
): ServiceView {
  const set = (name: string, value: string): Assignment => ({ name, value });
  // Port 465 speaks TLS from the first byte.
  const wrapped = port === '465' ? [set('smtpd_tls_wrappermode', 'yes')] : [];
  const reason = [
    'The service for clients with a listed certificate, and for nobody else. The others ask',
    'nobody for one.',
  ];
  return masterEntry({ name: port, type: 'inet', program: 'smtpd', reason }, [
    set('syslog_name', syslogName),
    set('smtpd_tls_security_level', 'encrypt'),
    ...wrapped,
    set('smtpd_tls_ask_ccert', 'yes'),
    set('smtpd_tls_req_ccert', 'no'),
    set('smtpd_tls_loglevel', '1'),
    ...tls.caFile,
    ...tls.certificate,
    ...tls.certificateUnused,
    ...tls.hardening,
    ...withoutTickets(version, base),
    set('smtpd_tls_fingerprint_digest', choice('digest', settings.digest, digests)),
    set('relay_clientcerts', tls.relayClientcerts),
    set('smtpd_sasl_auth_enable', 'no'),
    ...lists(settings, version),
  ]);
}

/** Every list that could refuse or let in is its own; one of the last two decides, as in the rest of the set-up. */
function lists({ policy, unauthorized }: Pick<Settings, 'policy' | 'unauthorized'>, version: string) {
  const list = (stage: string, value: string): Assignment => ({ name: `smtpd_${stage}_restrictions`, value });
  // The first refusal says "Relay access denied", which everybody knows; the second closes the server's own domains.
  const deciding = `permit_tls_clientcerts, ${unauthorized}_unauth_destination, ${unauthorized}`;
  const hasRelayList = !isBefore(version, '2.10');
  const byRelayList = hasRelayList && policy === 'relay';
  return [
    ...['client', 'helo', 'sender'].map((stage) => list(stage, '')),
    ...(hasRelayList ? [list('relay', byRelayList ? deciding : '')] : []),
    list('recipient', byRelayList ? '' : deciding),
    ...['data', 'end_of_data'].map((stage) => list(stage, '')),
  ];
}
