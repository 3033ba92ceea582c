import type { Draw } from './draw.ts';

/** Domains that are ours, relayed, virtual or foreign, depending on the configuration; few, so that things meet. */
export const domains = [
  'lab.test',
  'mx.lab.test',
  'sub.lab.test',
  'localhost',
  'localhost.lab.test',
  'relay.net',
  'sub.relay.net',
  'virtual.net',
  'sub.virtual.net',
  'mbox.net',
  'outside.org',
  'mail.outside.org',
  'far.example',
  'example.com',
] as const;

export const users = [
  'alice',
  'joe',
  'joe+tag',
  'joe-tag',
  'info',
  'nobody',
  'root',
  'Alice',
  'postmaster',
  'double-bounce',
  'owner-list',
] as const;

const oddAddresses = [
  'x%far.example@lab.test',
  'x%lab.test@lab.test',
  'joe%relay.net@lab.test',
  'far.example!x@lab.test',
  'far.example!x',
  'lab.test!joe',
  'x%far.example@relay.net',
  '@lab.test:x@far.example',
  '@far.example,@relay.net:joe@lab.test',
  '"x y"@lab.test',
  '"joe"@lab.test',
  '"x@far.example"@lab.test',
  '"x%far.example"@lab.test',
  'x@far.example@lab.test',
  'joe@[127.0.0.1]',
  'joe@[10.9.9.9]',
  'joe@[IPv6:::1]',
  'joe@[IPv6:2001:db8::9]',
  'joe@[::1]',
  'joe@lab.test.',
  'joe@LAB.test',
  'joe@localhost.',
  'joe@loc_al.test',
  'joe',
  'alice',
  'postmaster',
  'POSTMASTER',
  'mailer-daemon',
  'x@',
  '@lab.test',
  'x@@lab.test',
  'x@.lab.test',
  'x@a..b',
  'x@1.2.3.4',
  '-x@lab.test',
  'joe+a+b@lab.test',
  '+tag@lab.test',
  'joe+@lab.test',
  'joe@-bad.test',
  'a b@lab.test',
  'joe (a comment) @lab.test',
  'joe\\@x@lab.test',
] as const;

export function address(draw: Draw): string {
  if (draw.chance(14)) return draw.one(oddAddresses);
  const text = `${draw.one(users)}@${draw.one(domains)}`;
  return draw.chance(4) ? text.toUpperCase() : text;
}

interface Client {
  readonly address: string;
  readonly name: string;
  readonly reverseName: string;
}

const client = (address: string, name = 'unknown', reverseName = name): Client => ({ address, name, reverseName });

export const clients = [
  client('127.0.0.1', 'localhost'),
  client('127.0.0.9'),
  client('192.168.1.1', 'client.example.com'),
  client('192.168.1.77', 'Host.LAB.test'),
  client('192.0.2.5', 'mail.outside.org'),
  client('10.0.0.5', 'host.lab.test'),
  client('10.1.2.3', 'gate.relay.net'),
  client('198.51.100.9'),
  client('203.0.113.7', 'unknown', 'liar.example.org'),
  client('2001:db8::5', 'six.example.com'),
  client('2001:db8:1::1'),
  client('::1', 'localhost'),
  client('2001:db8::bad', 'unknown', 'liar.lab.test'),
] as const;

export const helos = [
  'client.example.com',
  'mx.lab.test',
  'mail.outside.org',
  'foo',
  'localhost',
  'bad_name.example.com',
  '-bad.example.com',
  '[192.0.2.5]',
  '[1.2.3]',
  '[IPv6:2001:db8::5]',
  '[2001:db8::5]',
  '1.2.3.4',
  '10.0.0.5',
  '2001:db8::1',
  'x.example.com.',
  'a..b',
  'Relay.NET',
  'foo bar',
  'a@b',
  'nowhere.test',
  '12345',
] as const;

export const logins = ['alice', 'joe', 'mallory', 'joe@lab.test', 'Alice'] as const;

/** Lists in the DNS: of addresses, of names. */
export const dnsLists = ['bl.test', 'wl.test', 'rhs.test'] as const;

/** Hosts that domains have for their mail or their names; some of them are this server. */
export const servers = [
  'mail.hosts.test',
  'ns.hosts.test',
  'mx.lab.test',
  'backup.hosts.test',
  'six.hosts.test',
  'gone.hosts.test',
  'localhost',
] as const;

/** Addresses that those hosts have, one family a host. */
export const serverAddresses = [
  '192.0.2.7',
  '192.0.2.200',
  '127.0.0.1',
  '203.0.113.1',
  '10.9.9.9',
  '198.51.100.9',
] as const;
export const serverAddresses6 = ['2001:db8::7', '::1', '2001:db8:1::25'] as const;
