import type { Restriction, World } from '../restriction.ts';
import { type Check, DUNNO, OK, type Run, type Status } from '../run.ts';
import type { Site } from '../scope.ts';
import type { Session } from '../session.ts';
import { addressOf } from './addresses.ts';
import { beforeRemoval } from './deprecated.ts';

type Effect = 'nothing' | 'permit' | 'refuse' | 'defer if permitted' | 'defer if refused';

/** All that a restriction can do to a session. Which of them it does here is not known. */
function supposed(site: Site, effects: readonly Effect[], about: (session: Session) => string | undefined): Check {
  const key = `restriction ${[site.written.toLowerCase(), site.argument].filter((word) => word !== undefined).join(' ')}`;
  const outcomes: Readonly<Record<Effect, (run: Run) => Status>> = {
    nothing: () => DUNNO,
    permit: () => OK,
    refuse: (run) => run.reject('policy', 550, '5.7.1', key),
    'defer if permitted': (run) => run.supposePermitDeferred('policy', 450, '4.7.1', key),
    'defer if refused': (run) => run.supposeRejectDeferred('policy', 450, '4.7.1', key),
  };
  return (run) => {
    const subject = about(run.session);
    return subject === undefined ? DUNNO : outcomes[run.trail.suppose(`${key} for ${subject}`, effects)](run);
  };
}

/** What a restriction is about, by its name; undefined where there is nothing to ask about. */
const subjects: readonly (readonly [pattern: RegExp, about: (session: Session) => string | undefined])[] = [
  [/reverse_client/, ({ peer }) => known(peer.reverseName)],
  [/^check_client_/, ({ peer }) => known(peer.name)],
  [/helo/, ({ helo }) => helo],
  [/sender/, (session) => addressOf(session, 'sender')?.text],
  [/recipient|permit_mx_backup/, (session) => addressOf(session, 'recipient')?.text],
  [/rbl/, ({ peer }) => peer.address],
];

function known(name: string): string | undefined {
  return name === 'unknown' ? undefined : name;
}

/** A service may answer anything for each command and recipient. */
function command(session: Session): string {
  return session.recipient === undefined ? session.phase : `${session.phase} ${session.recipient.text}`;
}

const all: readonly Effect[] = ['nothing', 'permit', 'refuse', 'defer if permitted', 'defer if refused'];
const refusing: readonly Effect[] = ['nothing', 'refuse', 'defer if permitted'];

type Row = readonly [
  name: string,
  doc: string,
  more?: Partial<Pick<Restriction, 'since' | 'until' | 'takes' | 'aliases'>>,
];

function rows(consults: World, effects: readonly Effect[], list: readonly Row[]): Restriction[] {
  return list.map(([name, doc, more]) => ({
    name,
    since: '2.9',
    doc,
    consults: [consults],
    ...more,
    compile(site) {
      const about = subjects.find(([pattern]) => pattern.test(name))?.[1] ?? command;
      const check = supposed(site, effects, about);
      return more?.until === undefined ? check : beforeRemoval(site, check);
    },
  }));
}

const hosts = [
  ['client', 'client name'],
  ['reverse_client_hostname', 'unverified client name'],
  ['helo', 'helo name'],
  ['sender', "sender's domain"],
  ['recipient', "recipient's domain"],
] as const;

const hostAccess: readonly Row[] = hosts.flatMap(([party, subject]): Row[] => [
  [`check_${party}_ns_access`, `Look up the name servers of the ${subject}.`, { takes: 'table' }],
  [`check_${party}_mx_access`, `Look up the mail servers of the ${subject}.`, { takes: 'table' }],
  [`check_${party}_a_access`, `Look up the addresses of the ${subject}.`, { takes: 'table', since: '3.0' }],
]);

/** Restrictions that ask the outside world; what it would say is not worked out yet, so every answer is tried. */
export const unmodelled: readonly Restriction[] = [
  ...rows('dns', ['nothing', 'refuse', 'defer if permitted', 'defer if refused'], hostAccess),
  ...rows('dnsbl', refusing, [
    [
      'reject_maps_rbl',
      'Refuse a client address that the lists of maps_rbl_domains name. Removed in 3.9.',
      { until: '3.9' },
    ],
  ]),
  ...rows('policy', all, [
    ['check_policy_service', 'Ask a policy service (SMTPD_POLICY_README).', { takes: 'service' }],
  ]),
  ...rows('verify', refusing, [
    ['reject_unverified_sender', 'Refuse a sender that its own server refuses.'],
    ['reject_unverified_recipient', 'Refuse a recipient that its own server refuses.'],
  ]),
  ...rows(
    'dns',
    ['nothing', 'permit', 'defer if refused'],
    [['permit_mx_backup', 'Permit a domain for which this server is a backup mail server.']],
  ),
];
