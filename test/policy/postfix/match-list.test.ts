import { describe, expect, it } from 'vitest';
import { TableFailure } from '../../../src/policy/postfix/config.ts';
import { readConfig } from '../../../src/policy/postfix/read-config.ts';

interface Given {
  readonly version?: string;
  readonly tables?: Readonly<Record<string, string>>;
  readonly settings?: Readonly<Record<string, string>>;
}

function list(name: string, value: string, given: Given = {}) {
  const mainCf = { compatibility_level: '3.6', ...given.settings, [name]: value };
  return readConfig({ version: given.version ?? '3.7', mainCf, tables: given.tables ?? {} }).matchList(name);
}

/** The answer as a word, so that failures and open questions can stand in a table of cases. */
function shown(answer: ReturnType<ReturnType<typeof list>['matchString']>): unknown {
  if (answer instanceof TableFailure) return answer.log;
  return typeof answer === 'boolean' ? answer : `ask ${answer.opaque.spec} for ${answer.key}`;
}

describe('string lists (mydestination)', () => {
  it.each([
    ['example.com', 'example.com', true],
    ['Example.COM', 'eXample.com', true],
    ['example.com', 'sub.example.com', false],
    ['.example.com', 'sub.example.com', false],
    ['!a.test, a.test b.test', 'a.test', false],
    ['a.test, !a.test', 'a.test', true],
    ['!!a.test', 'a.test', true],
    ['hash:/domains', 'a.test', true],
    ['hash:/domains', 'sub.a.test', false],
    ['!hash:/domains, static:x', 'a.test', false],
    ['/list', 'c.test', true],
    ['/list', 'd.test', false],
    ['!/list, e.test', 'e.test', true],
    ['inline:{a.test=x, b.test=y}', 'b.test', true],
    ['# a.test', 'a.test', false],
  ])('%s and %s: %s', (value, text, expected) => {
    const tables = { '/domains': 'a.test REJECT\n', '/list': '# head\nb.test, c.test\n!d.test\n' };
    expect(shown(list('mydestination', value, { tables }).matchString(text))).toBe(expected);
  });

  it('fails where a table or a file is missing, unless something before it matched', () => {
    expect(shown(list('mydestination', 'a.test, hash:/no').matchString('a.test'))).toBe(true);
    expect(shown(list('mydestination', 'a.test, hash:/no').matchString('b.test'))).toEqual([
      'warning: hash:/no is unavailable. open database /no.db: No such file or directory',
      'warning: mydestination: hash:/no: table lookup problem',
    ]);
    expect(list('mydestination', '/no').matchString('x')).toBeInstanceOf(TableFailure);
  });

  it('asks where a table cannot be read', () => {
    expect(shown(list('mydestination', 'a.test, ldap:x').matchString('b.test'))).toBe('ask ldap:x for b.test');
  });

  it('reads files line by line up to 3.7 and in logical lines later', () => {
    const tables = { '/list': 'a.test\n  # b.test\nc.test\n' };
    const matches = (version: string, text: string) =>
      shown(list('mydestination', '/list', { version, tables }).matchString(text));
    expect([matches('3.7', 'b.test'), matches('3.8', 'b.test')]).toEqual([false, false]);
    expect([matches('3.7', 'c.test'), matches('3.8', 'c.test')]).toEqual([true, true]);
  });
});

describe('domain lists (relay_domains)', () => {
  it.each([
    ['example.com', 'sub.example.com', '', true],
    ['example.com', 'badexample.com', '', false],
    ['example.com', 'sub.example.com', 'x', false],
    ['.example.com', 'sub.example.com', 'x', true],
    ['.example.com', 'example.com', 'x', false],
    ['hash:/domains', 'x.y.a.test', '', true],
    ['hash:/domains', 'x.y.a.test', 'x', false],
    ['hash:/domains', 'x.b.test', 'x', true],
    ['regexp:/patterns', 'sub.a.test', '', false],
  ])('%s and %s (parents of %j): %s', (value, name, parents, expected) => {
    const tables = { '/domains': 'a.test x\n.b.test x\n', '/patterns': '/^a\\.test$/ x\n' };
    const settings: Record<string, string> = parents === '' ? {} : { parent_domain_matches_subdomains: parents };
    expect(shown(list('relay_domains', value, { tables, settings }).matchDomain(name))).toBe(expected);
  });
});

describe('address lists (mynetworks)', () => {
  it.each([
    ['127.0.0.0/8', 'unknown', '127.9.9.9', true],
    ['127.0.0.1', 'unknown', '127.0.0.1', true],
    ['[127.0.0.1]', 'unknown', '127.0.0.1', true],
    ['[127.0.0.0/8]', 'unknown', '127.0.0.1', true],
    ['127.0.0.0', 'unknown', '127.0.0.1', false],
    ['127', 'unknown', '127.0.0.1', false],
    ['192.168.', 'unknown', '192.168.0.1', false],
    ['[2001:db8::]/32', 'unknown', '2001:db8::7', true],
    ['[2001:db8::/32]', 'unknown', '2001:db8::7', true],
    ['[::1]', 'unknown', '::1', true],
    ['!10.1.0.0/16, 10.0.0.0/8', 'unknown', '10.1.2.3', false],
    ['!10.1.0.0/16, 10.0.0.0/8', 'unknown', '10.2.2.3', true],
    ['10.0.0.0/8, !10.1.0.0/16', 'unknown', '10.1.2.3', true],
    ['example.com', 'host.example.com', '192.0.2.1', true],
    ['unknown', 'unknown', '192.0.2.1', true],
    ['cidr:/nets', 'unknown', '10.1.2.3', true],
    ['hash:/hosts', 'unknown', '10.1.2.3', false],
    ['hash:/hosts', 'a.host.test', '192.0.2.1', true],
    ['hash:/hosts', 'unknown', '192.0.2.9', true],
  ])('%s holds %s[%s]: %s', (value, name, address, expected) => {
    const tables = { '/nets': '10.0.0.0/8 REJECT\n', '/hosts': '10.1 x\nhost.test x\n192.0.2.9 x\n' };
    expect(shown(list('mynetworks', value, { tables }).matchClient(name, address))).toBe(expected);
  });

  it.each([
    ['10.0.0.1/8', 'non-null host address bits in "10.0.0.1/8", perhaps you should use "10.0.0.0/8" instead'],
    ['10.0.0.0/33', 'bad mask length in "10.0.0.0/33"'],
    ['10.0.0.0/255.0.0.0', 'bad mask value in "10.0.0.0/255.0.0.0"'],
  ])('%s is an error for IPv4 clients that nothing before it holds', (value, message) => {
    const { matchClient } = {
      matchClient: (address: string) => list('mynetworks', `192.0.2.1, ${value}`).matchClient('unknown', address),
    };
    expect(shown(matchClient('10.1.1.1'))).toEqual([`warning: mynetworks: ${message}`]);
    expect(shown(matchClient('192.0.2.1'))).toBe(true);
    expect(shown(matchClient('::1'))).toBe(false);
  });

  // What smtpd of Postfix 3.7.11 said to localhost[127.0.0.1] with permit_mynetworks, reject, and these mynetworks.
  it.each([
    ['127.0.0.0/8', true],
    ['127', false],
    ['127.', false],
    ['127.0.0.1', true],
    ['[127.0.0.1]', true],
    ['[127.0.0.1/32]', true],
    ['[127.0.0.0]/8', true],
    ['127.0.0.1/8', 'non-null host address bits in "127.0.0.1/8", perhaps you should use "127.0.0.0/8" instead'],
    ['foo/8', false],
    ['[foo]', false],
    ['[::1]', false],
    ['[::1]/999', false],
    ['localhost', true],
    ['.localhost', false],
    ['LOCALHOST', true],
    ['!127.0.0.1, 127.0.0.0/8', false],
    ['127.0.0.0/8]', 'bad mask value in "127.0.0.0/8]"'],
    ['[127.0.0.1', false],
    ['[]', false],
    ['1.2.3', false],
    ['1.2.3/8', 'bad network value in "1.2.3/8"'],
    ['a/8 127.0.0.1', 'bad network value in "a/8"'],
    ['0/0', 'bad network value in "0/0"'],
    ['[127.0.0.1]x', false],
    ['127.0.0.1 10.0.0.1/8', true],
    ['static:x', true],
    ['!static:x', false],
    ['inline:{localhost=x}', true],
    ['inline:{127.0.0.1=x}', true],
    ['inline:{127=x}', false],
    ['/list', false],
  ])('%s and localhost[127.0.0.1]: %s', (value, expected) => {
    const tables = { '/list': '# c\n  # d 127.0.0.1\n10.0.0.0/8\n!127.0.0.1 # x\n127.0.0.0/8\n' };
    const answer = shown(
      list('mynetworks', value, { version: '3.7.11', tables }).matchClient('localhost', '127.0.0.1'),
    );
    expect(answer).toEqual(typeof expected === 'string' ? [`warning: mynetworks: ${expected}`] : expected);
  });

  it.each([
    ['regexp:/no', 'regexp:/no', 'open /no: No such file or directory'],
    ['!/no', 'non-existent:/no', 'open file /no: No such file or directory'],
    ['foo:x', 'foo:x', 'unsupported dictionary type: foo'],
  ])('%s fails with the two lines Postfix logs', (value, spec, reason) => {
    expect(shown(list('mynetworks', value).matchClient('localhost', '127.0.0.1'))).toEqual([
      `warning: ${spec} is unavailable. ${reason}`,
      `warning: mynetworks: ${spec}: table lookup problem`,
    ]);
  });

  it('asks about the networks of the interfaces where the default holds them', () => {
    const config = readConfig({ version: '2.10', mainCf: '' });
    const networks = config.matchList('mynetworks');
    expect(shown(networks.matchClient('unknown', '127.0.0.1'))).toBe(true);
    expect(shown(networks.matchClient('unknown', '10.0.0.1'))).toBe(
      "ask networks of the host's interfaces for 10.0.0.1",
    );
    expect(config.assumptions.map((each) => each.code)).toEqual(['host-name-assumed', 'networks-unknown']);
  });

  it.each([
    ['2.10', 'mynetworks_style = host', false],
    ['2.10', 'inet_interfaces = loopback-only', false],
    ['3.7', 'compatibility_level = 2', false],
    ['3.7', 'mynetworks =', false],
  ])('knows them all on %s with %s', (version, mainCf, expected) => {
    expect(shown(readConfig({ version, mainCf }).matchList('mynetworks').matchClient('unknown', '10.0.0.1'))).toBe(
      expected,
    );
  });
});
