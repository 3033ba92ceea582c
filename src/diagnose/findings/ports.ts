import { setTo } from '../configuration/edit.ts';
import { whereSet } from '../evidence/where.ts';
import type { FindingRow, Occurrence } from './finding.ts';
import { at, decisiveFor, perService } from './per-service.ts';

function programOf(command: string): string {
  return command.slice(command.lastIndexOf('/') + 1);
}

function portOf(name: string): string {
  const port = name.slice(name.lastIndexOf(':') + 1);
  return { smtp: '25', submission: '587', smtps: '465', submissions: '465' }[port] ?? port;
}

/** What stands in master.cf before the server gets a client. */
export const portFindings: readonly FindingRow[] = [
  {
    id: 'postscreen-overrides',
    severity: 'warning',
    title: 'options for the SMTP server stand on the line of postscreen',
    doc: 'postscreen(8) hands clients to the service smtpd of type pass; -o smtpd_… counts there, not on the line of the port.',
    test: ({ server }) =>
      (server?.master?.parsed.services ?? [])
        .filter(({ command }) => programOf(command) === 'postscreen')
        .flatMap(({ name, overrides, where }) =>
          overrides
            .filter(
              (override) =>
                override.name.startsWith('smtpd_') &&
                !/^smtpd_(?:banner|tls_|enforce_tls|use_tls|service_name|discard_ehlo|forbid_)/.test(override.name),
            )
            .map(
              (override): Occurrence => ({
                ...{ where, parameter: override.name, service: name },
                message: `-o ${override.name} on the line of ${name} does nothing: postscreen(8) listens there`,
                why: 'restriction lists are read by smtpd(8), to which postscreen hands the client: the service "smtpd pass"',
                repair: 'move the option to the line "smtpd pass … smtpd"',
              }),
            ),
        ),
  },
  {
    id: 'wrapper-mode',
    severity: 'error',
    title: 'TLS starts at another moment than clients of that port expect',
    doc: 'On port 465 TLS starts with the first byte (smtpd_tls_wrappermode = yes); on 25 and 587 a client says STARTTLS first.',
    test: (evidence) =>
      perService(evidence, (server, service): readonly Occurrence[] => {
        if (service.service === undefined || service.service.type !== 'inet') return [];
        const port = portOf(service.name);
        const wraps = service.config.boolean('smtpd_tls_wrappermode');
        if (wraps === (port === '465') || !['25', '465', '587'].includes(port)) return [];
        const where = whereSet(server, service.config, 'smtpd_tls_wrappermode') ?? service.service.where;
        return [
          {
            ...at(server, service, 'smtpd_tls_wrappermode'),
            where,
            ...decisiveFor(evidence, service, () => true),
            message: wraps
              ? `smtpd_tls_wrappermode is "yes" for port ${port}, where clients say STARTTLS`
              : `smtpd_tls_wrappermode is "no" for port 465, where clients start TLS at once`,
            why: wraps
              ? 'the server waits for a TLS handshake, the client for a greeting: both wait until one gives up'
              : 'the client waits for a TLS handshake, and gets a greeting that it cannot read',
            repair: `set -o smtpd_tls_wrappermode=${wraps ? 'no' : 'yes'} for ${service.name} in master.cf`,
            edits: [
              [setTo('smtpd_tls_wrappermode', wraps ? 'no' : 'yes', `${service.service.name}/${service.service.type}`)],
            ],
          },
        ];
      }),
  },
];
