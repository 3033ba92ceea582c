import { describe, expect, it } from 'vitest';
import { AddressLine } from '../../../src/policy/explore/lines/address-line.ts';
import { isSpelling } from '../../../src/policy/explore/lines/block.ts';
import { CertificateLine } from '../../../src/policy/explore/lines/certificate-line.ts';
import { HeloLine } from '../../../src/policy/explore/lines/helo-line.ts';
import type { Line } from '../../../src/policy/explore/lines/line.ts';
import { LoginLine } from '../../../src/policy/explore/lines/login-line.ts';
import { MailboxLine } from '../../../src/policy/explore/lines/mailbox-line.ts';
import { PeerNameLine } from '../../../src/policy/explore/lines/peer-name-line.ts';
import { difference, intersection, union, whole } from '../../../src/policy/explore/region.ts';

/** Each atom's value lies in it, and every key's span is made of whole atoms. */
function sound<Value>(line: Line<Value>, keys: readonly string[]): void {
  for (let atom = 0; atom < line.size; atom++)
    expect(line.locate(line.value(atom)), String(line.value(atom))).toBe(atom);
  for (const key of keys) {
    for (const [lo, hi] of line.span(key)) {
      expect(lo).toBeGreaterThanOrEqual(0);
      expect(hi).toBeGreaterThan(lo);
      expect(hi).toBeLessThanOrEqual(line.size);
      const bounds = [...line.bounds([{ keys: [key] }])];
      expect(bounds).toContain(lo);
      expect(bounds.includes(hi) || hi === line.size).toBe(true);
    }
  }
}

const of = <Value>(line: Line<Value>, key: string) => union(line.span(key));

describe('the line of addresses', () => {
  const keys = [
    '127.0.0.0/8',
    '10.1.2',
    '10',
    '192.0.2.5',
    '[2001:db8::]/32',
    '2001:db8:1',
    '::1',
    'example.org',
    '0.0.0.0/0',
  ];
  const line = new AddressLine(keys);

  it('puts each address into the narrowest pieces', () => {
    sound(line, keys);
    const inside = (key: string, address: string) =>
      intersection(of(line, key), union([[line.locate(address), line.locate(address) + 1]])).length > 0;
    expect(inside('10.1.2', '10.1.2.77')).toBe(true);
    expect(inside('10.1.2', '10.1.3.1')).toBe(false);
    expect(inside('10', '10.255.0.1')).toBe(true);
    expect(inside('10', '10::1')).toBe(true);
    expect(inside('2001:db8:1', '2001:db8:1::7')).toBe(true);
    expect(inside('2001:db8:1', '2001:db8:2::7')).toBe(false);
    expect(inside('[2001:db8::]/32', '2001:db8:ffff::')).toBe(true);
    expect(inside('[2001:db8::]/32', '2001:db9::')).toBe(false);
    expect(line.locate('nonsense')).toBe(-1);
  });

  it('names networks as people do, and what is left by what it is not', () => {
    const plain = new AddressLine(['127.0.0.0/8', '10.1.2', '2001:db8:1']);
    expect(plain.words(of(plain, '10.1.2'))).toBe('10.1.2.0/24');
    expect(plain.words(of(plain, '2001:db8:1'))).toBe('2001:db8:1::/48');
    expect(plain.words(difference(whole(plain.size), of(plain, '127.0.0.0/8')))).toBe('any address but 127.0.0.0/8');
    expect(plain.words(whole(plain.size))).toBe('any address');
  });
});

describe('keys that stand for addresses by how they are spelled', () => {
  it.each(['', '2001:db8:', '2001:0', '::'.slice(1)])('"%s" is one', (key) => expect(isSpelling(key)).toBe(true));
  it.each(['::1', '2001:db8', '192.0.2', 'example.com', 'a@example.com'])('"%s" is none', (key) =>
    expect(isSpelling(key)).toBe(false),
  );
});

describe('the lines of names', () => {
  const keys = ['example.org', '.sub.example.org', 'mx.example.org', 'org', 'unknown', '[192.0.2.7]', '10.0.0.1'];

  it('keep a domain with what is below it together', () => {
    const line = new HeloLine(keys);
    sound(line, keys);
    const [[lo, hi] = [0, 0]] = line.span('example.org');
    for (const name of ['example.org', 'a.example.org', 'x.sub.example.org', 'MX.example.org']) {
      expect(line.locate(name) >= lo && line.locate(name) < hi, name).toBe(true);
    }
    for (const name of ['example.net', 'notexample.org', 'org', 'localhost', '[192.0.2.7]', '10.0.0.1']) {
      expect(line.locate(name) >= lo && line.locate(name) < hi, name).toBe(false);
    }
    expect(line.locate('[192.0.2.7]')).not.toBe(line.locate('[192.0.2.8]'));
    expect(line.locate('a.example.net')).toBe(line.locate('b.test'));
    expect(line.locate('a.example.net')).not.toBe(line.locate('host'));
  });

  it('tell verified names, names that do not lead back, and none apart', () => {
    const line = new PeerNameLine(keys);
    sound(line, keys);
    const atoms = ['a.example.org', 'unknown'].map((name) => line.locate({ name, reverseName: 'a.example.org' }));
    expect(new Set([...atoms, line.locate({ name: 'unknown', reverseName: 'unknown' })]).size).toBe(3);
    expect(line.locate({ name: 'a.example.org', reverseName: 'b.example.org' })).toBe(-1);
  });
});

describe('the line of mail addresses', () => {
  const keys = ['joe@lab.test', 'lab.test', '.relay.net', '@other.test', 'root@', 'joe+x@lab.test', 'user@lab.test'];
  const line = new MailboxLine([{ keys }, { keys: ['alias', 'joe'], locals: true }], {
    label: 'to',
    homes: new Set(['lab.test', 'host.lab.test']),
    isHome: () => false,
    origins: ['lab.test'],
    parents: ['lab.test'],
    base: (local) => (local.includes('+') ? local.slice(0, local.indexOf('+')) : undefined),
    extension: '+ext',
    nullSender: true,
  });

  it('tells apart what some key does, and nothing else', () => {
    sound(line, keys);
    const same = (a: string, b: string) => line.locate(a) === line.locate(b);
    expect(same('joe@lab.test', 'JOE@LAB.TEST')).toBe(true);
    expect(same('joe@lab.test', 'joe+x@lab.test')).toBe(false);
    expect(same('joe+y@lab.test', 'joe+z@lab.test')).toBe(true);
    expect(same('ann@lab.test', 'bob@lab.test')).toBe(true);
    expect(same('ann@lab.test', 'alias@lab.test')).toBe(false);
    expect(same('ann@far.test', 'alias@far.test')).toBe(true);
    expect(same('ann@far.test', 'root@far.test')).toBe(false);
    expect(same('a@x.relay.net', 'b@y.relay.net')).toBe(true);
    expect(same('a@relay.net', 'a@x.relay.net')).toBe(false);
    expect(same('a@host', 'a@other')).toBe(false);
    expect(same('joe', 'joe@lab.test')).toBe(false);
    expect(line.locate('')).toBe(line.size - 1);
    for (const odd of ['a%b@lab.test', '"a b"@lab.test', 'a@b@lab.test', 'a@1.2.3.4'])
      expect(line.locate(odd), odd).toBe(-1);
  });
});

describe('the lines of credentials', () => {
  const fingerprint = Array(20).fill('12').join(':');

  it('take a certificate by fingerprint and trust', () => {
    const line = new CertificateLine([fingerprint, 'ab:cd', 'nonsense'], ['sha1']);
    sound(line, [fingerprint]);
    expect(line.size).toBe(2 + 2 * 2);
    expect(line.locate({ trusted: true, fingerprint })).not.toBe(line.locate({ trusted: false, fingerprint }));
  });

  it('take a login whatever its case, and apart from anonymous ones', () => {
    const line = new LoginLine(['Alice', 'joe']);
    sound(line, ['alice']);
    expect(line.locate({ user: 'ALICE', method: 'plain' })).toBe(line.locate({ user: 'alice', method: 'LOGIN' }));
    expect(line.locate({ user: 'alice', method: 'anonymous' })).not.toBe(
      line.locate({ user: 'alice', method: 'PLAIN' }),
    );
  });
});
