import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { isHostName, isWithin, readHostName } from '../../../src/provision/settings/host-name.ts';

const read = (text: string) => {
  const found = readHostName(text);
  return isHostName(found) ? found.name : found.code;
};

describe('host names', () => {
  it.each([
    ['client.example.com', 'client.example.com'],
    ['Client.EXAMPLE.com', 'client.example.com'],
    ['client.example.com.', 'client.example.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['BÜCHER.example', 'xn--bcher-kva.example'],
    ['b\u0075\u0308cher.example', 'xn--bcher-kva.example'],
    ['例え。テスト', 'xn--r8jz45g.xn--zckzah'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ['ｃlient.example.com', 'client.example.com'],
    ['localhost', 'localhost'],
    ['3com.com', '3com.com'],
    ['a-b.0x.example.com', 'a-b.0x.example.com'],
    [`${'a'.repeat(63)}.example.com`, `${'a'.repeat(63)}.example.com`],
  ])('%j is %j', (text, name) => {
    expect(read(text)).toBe(name);
  });

  it.each([
    ['', 'host-name-empty'],
    ['a\nb', 'host-name-control'],
    ['a.example.com\n', 'host-name-control'],
    ['a\rb', 'host-name-control'],
    ['a\0b', 'host-name-control'],
    ['a\u2028b', 'host-name-control'],
    ['a b', 'host-name-space'],
    [' a', 'host-name-space'],
    ['a\u00a0b', 'host-name-space'],
    ['a/b', 'host-name-slash'],
    ['../../etc/passwd', 'host-name-slash'],
    ['a\\b', 'host-name-slash'],
    ['..', 'host-name-label-empty'],
    ['.', 'host-name-label-empty'],
    ['a..b', 'host-name-label-empty'],
    ['.example.com', 'host-name-label-empty'],
    ['a.example.com..', 'host-name-label-empty'],
    ['"a"', 'host-name-character'],
    ["a'b", 'host-name-character'],
    ['a`id`', 'host-name-character'],
    ['$myhostname', 'host-name-character'],
    ['a;b', 'host-name-character'],
    ['a,b', 'host-name-character'],
    ['user@example.com', 'host-name-character'],
    ['a_b.example.com', 'host-name-underscore'],
    ['*.example.com', 'host-name-wildcard'],
    ['192.168.1.1', 'host-name-address'],
    ['192.168.1.1.', 'host-name-address'],
    ['127.1', 'host-name-address'],
    ['0x7f.1', 'host-name-address'],
    ['0x7f000001', 'host-name-address'],
    ['host.123', 'host-name-address'],
    ['::1', 'host-name-address'],
    ['[2001:db8::1]', 'host-name-address'],
    ['server.example.com:25', 'host-name-address'],
    ['１９２.168.1.1', 'host-name-address'],
    ['a／b.example', 'host-name-unicode'],
    ['-a.example.com', 'host-name-hyphen'],
    ['a-.example.com', 'host-name-hyphen'],
    ['xn--a.example', 'host-name-a-label'],
    ['xn--.example', 'host-name-hyphen'],
    ['a\u200e.example', 'host-name-unicode'],
    [`${'a'.repeat(64)}.example.com`, 'host-name-label-long'],
    [`${'ü'.repeat(60)}.example`, 'host-name-label-long'],
    [Array.from({ length: 130 }, () => 'a').join('.'), 'host-name-long'],
    ['a'.repeat(100_000), 'host-name-label-long'],
  ])('%j is refused: %s', (text, code) => {
    expect(read(text)).toBe(code);
  });

  it('are quoted in messages without what could disturb a terminal', () => {
    for (const text of ['a\u001b[31m', `${'x'.repeat(500)}`, 'a\nb']) {
      const found = readHostName(text);
      const message = isHostName(found) ? '' : found.message;
      expect(message).toMatch(/^host name "[ -~]*" [ -~]+$/);
      expect(message.length).toBeLessThan(200);
    }
  });

  const likely = fc.string({ unit: fc.constantFrom(...'abz019-.AZ_/$"\n :[]*ü。１／'), maxLength: 70 });
  test.prop([fc.oneof(likely, fc.string({ unit: 'grapheme' }), fc.domain())])(
    'that are accepted are safe everywhere, and stay as they are when read again',
    (text) => {
      const found = readHostName(text);
      if (!isHostName(found)) return;
      expect(found.name).toMatch(
        /^(?=.{1,246}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/,
      );
      expect(readHostName(found.name)).toEqual({ name: found.name, given: found.name });
    },
  );

  test.prop([fc.domain()])('of the common kind are all accepted', (domain) => {
    expect(read(domain)).toBe(domain.toLowerCase());
  });

  it('lie within a domain or not', () => {
    expect(isWithin('a.example.com', 'example.com')).toBe(true);
    expect(isWithin('example.com', 'example.com')).toBe(true);
    expect(isWithin('badexample.com', 'example.com')).toBe(false);
  });
});
