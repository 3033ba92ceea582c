import { parseAddress } from '../../../../src/lib/ip.ts';
import { readEnvelope } from '../../../../src/policy/smtpd/address/syntax.ts';
import { reverseOf } from '../names.ts';
import type { Records, ScenarioSession, ScenarioWorld } from '../scenario.ts';
import { policyServices } from '../stand-ins.ts';
import { action } from './actions.ts';
import type { Draw } from './draw.ts';
import { dnsLists, domains, serverAddresses, serverAddresses6, servers } from './words.ts';

/** What everybody else says of the names and addresses that a session uses. */
export function world(draw: Draw, session: ScenarioSession): ScenarioWorld {
  const names = [...new Set([...domains, 'client.example.com', 'nowhere.test', 'hosts.test', ...namesOf(session)])];
  return {
    dns: { ...lists(draw, session), ...hosts(draw), ...mail(draw, names), ...own(session) },
    policy: services(draw, session),
    verify: verifications(draw, session),
  };
}

/** The client's verified name leads back to it, and one that is not verified elsewhere. */
function own({ client: { address, name, reverseName } }: ScenarioSession): Records {
  const folded = reverseName.toLowerCase();
  if (folded === 'unknown') return {};
  if (name === 'unknown') return { [`${folded}/A`]: ['192.0.2.99'], [`${folded}/AAAA`]: [] };
  const [here, there] = address.includes(':') ? ['AAAA', 'A'] : ['A', 'AAAA'];
  return { [`${folded}/${here}`]: [address], [`${folded}/${there}`]: [] };
}

/** Everything in a session that may be looked up as a name. */
function namesOf({ client, helo = '', mailFrom = '', rcptTo }: ScenarioSession): string[] {
  const texts = [
    client.name,
    client.reverseName,
    helo,
    ...[mailFrom, ...rcptTo].map((text) => text.replace(/^.*@/, '')),
  ];
  return texts
    .map((text) => text.toLowerCase())
    .filter((text) => /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(text) && text !== 'unknown');
}

/** Where the mail of each domain goes, and who knows its names. */
function mail(draw: Draw, names: readonly string[]): Records {
  const records: Record<string, readonly string[] | string> = {};
  const host = () => draw.one(servers);
  for (const name of names) {
    if (!draw.chance(45)) continue;
    const [type, answer] = draw.weighted<readonly [string, readonly string[] | string]>([
      [4, () => ['MX', [`10 ${host()}`]]],
      [3, () => ['MX', [`10 ${host()}`, `20 ${host()}`]]],
      [1, () => ['MX', [`20 mx.lab.test`, `10 ${host()}`, `20 ${host()}`]]],
      [1, () => ['MX', [`10 mail.${name}`]]],
      [3, () => ['A', [draw.one(serverAddresses)]]],
      [2, () => ['AAAA', [draw.one(serverAddresses6)]]],
      [1, () => ['MX', ['0 .']]],
      [1, () => ['MX', 'SERVFAIL']],
      [1, () => ['A', 'SERVFAIL']],
      [1, () => ['TXT', ['nothing to do with mail']]],
    ]);
    records[`${name}/${type}`] = answer;
    if (draw.chance(35)) records[`${name}/NS`] = draw.chance(92) ? draw.several(1, 2, host) : 'SERVFAIL';
  }
  return records;
}

function hosts(draw: Draw): Records {
  const records: Record<string, readonly string[] | string> = {};
  for (const name of servers) {
    if (name === 'gone.hosts.test') continue;
    if (name === 'six.hosts.test' || draw.chance(15))
      records[`${name}/AAAA`] = draw.several(1, 2, () => draw.one(serverAddresses6)).filter(unique);
    else if (draw.chance(5)) records[`${name}/A`] = 'SERVFAIL';
    else records[`${name}/A`] = draw.several(1, 2, () => draw.one(serverAddresses)).filter(unique);
  }
  return records;
}

function unique(value: string, index: number, all: readonly string[]): boolean {
  return all.indexOf(value) === index;
}

/** Which lists in the DNS name the client's address, and which the names. */
function lists(draw: Draw, session: ScenarioSession): Records {
  const records: Record<string, readonly string[] | string> = {};
  const address = parseAddress(session.client.address)?.text ?? '';
  const reversed = reverseOf(address).replace(/\.(in-addr|ip6)\.arpa$/, '');
  for (const name of [reversed, ...namesOf(session)]) {
    for (const list of dnsLists) {
      if (!draw.chance(name === reversed ? 45 : 25)) continue;
      if (draw.chance(7)) {
        records[`${name}.${list}/A`] = draw.one(['SERVFAIL', 'NODATA'] as const);
        continue;
      }
      records[`${name}.${list}/A`] = draw.several(1, 2, () =>
        draw.one(['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.10', '127.0.1.2', '192.0.2.1'] as const),
      );
      if (draw.chance(60))
        records[`${name}.${list}/TXT`] = draw.one([
          ['listed for a reason'],
          ['see https://bl.test/?x', 'and more'],
          ['100% "odd" <text> $client_name'],
          ['x'.repeat(300)],
        ] as const);
    }
  }
  return records;
}

/** What policy services say: always the same, or by the command in progress. */
function services(draw: Draw, session: ScenarioSession): NonNullable<ScenarioWorld['policy']> {
  const answer = (): string | null => (draw.chance(2) ? null : action(draw));
  const answers = policyServices.map((service) => {
    if (draw.chance(70)) return [service, answer()] as const;
    const given: Record<string, string | null> = { '*': answer() };
    given[draw.one(['RCPT', 'DATA', 'END-OF-MESSAGE', 'MAIL', 'CONNECT', 'VRFY', 'ETRN'] as const)] = answer();
    const [recipient] = session.rcptTo;
    if (recipient !== undefined && /^[a-z+-]+@[a-z.]+$/.test(recipient)) given[recipient] = answer();
    return [service, given] as const;
  });
  return Object.fromEntries(answers);
}

function verifications(
  draw: Draw,
  { mailFrom = '', rcptTo, vrfy = '' }: ScenarioSession,
): Records & Record<string, string> {
  const addresses = [mailFrom, ...rcptTo, vrfy.replace(/^<(.*)>$/, '$1')].filter(Boolean);
  return Object.fromEntries(
    addresses.map((address) => [
      verified(address).toLowerCase(),
      draw.one([
        'deliverable 250 2.1.5 Ok',
        'deliverable',
        'undeliverable host mail.hosts.test[192.0.2.7] said: 550 5.1.1 <x>: no such user (in reply to RCPT TO command)',
        'undeliverable unknown user: "x"',
        'deferred connect to mail.hosts.test[192.0.2.7]:25: Connection timed out',
        'pending',
        'failed',
      ] as const),
    ]),
  );
}

/** What is verified is the address without quotes and comments, behind a source route. */
function verified(address: string): string {
  const envelope = readEnvelope(address);
  return envelope.kind === 'address' ? envelope.text : address;
}
