import { BlockList, isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIpv6, maskAddress, parseAddress, parseIpv4, parseIpv6, unmapped } from '../../../src/lib/ip.ts';

const textLike = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.string({ unit: fc.constantFrom(...'0123456789abcdefAF:.%/ '), maxLength: 24 }),
  fc.tuple(fc.ipV6(), fc.constantFrom('', ':', '::', '.1', 'g')).map((parts) => parts.join('')),
);

describe('addresses', () => {
  it('takes what the platform takes, but no zones', () => {
    fc.assert(
      fc.property(textLike, (text) => {
        expect(parseIpv4(text) !== undefined).toBe(isIPv4(text));
        expect(parseIpv6(text) !== undefined).toBe(isIPv6(text) && !text.includes('%'));
      }),
    );
  });

  it('prints an address so that it parses to the same', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const address = parseAddress(text);
        expect(address).toBeDefined();
        expect(parseAddress(address?.text ?? '')).toEqual(address);
      }),
    );
  });

  it.each([
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['::1', '::1'],
    ['2001:db8:0:1:d800:dc00:dbff:dfff', '2001:db8:0:1:d800:dc00:dbff:dfff'],
    ['::d800:220:0:1:dc00', '::d800:220:0:1:dc00'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['::ffff:102:304', '::ffff:1.2.3.4'],
    ['::102:304', '::1.2.3.4'],
    ['fe80::1.2.3.4', 'fe80::102:304'],
  ])('%s is written %s, as inet_ntop(3) does', (text, expected) => {
    expect(formatIpv6(parseIpv6(text) ?? '')).toBe(expected);
  });

  it('takes a mapped address for the IPv4 address it stands for', () => {
    const address = parseAddress('::ffff:192.0.2.7');
    expect(address && unmapped(address)).toEqual(parseAddress('192.0.2.7'));
  });

  it('masks as a block list does', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(128), (a, b, bits) => {
        const [x, y] = [parseAddress(a), parseAddress(b)];
        if (x === undefined || y === undefined) throw new Error('not an address');
        fc.pre(x.family === y.family);
        const length = x.family === 4 ? bits % 33 : bits;
        const list = new BlockList();
        const family = x.family === 4 ? 'ipv4' : 'ipv6';
        list.addSubnet(x.text, length, family);
        expect(maskAddress(y, length).key === maskAddress(x, length).key).toBe(list.check(y.text, family));
      }),
    );
  });
});
