import { describe, expect, it } from 'vitest';
import { readNetworkList } from '../../../src/provision/settings/network-list.ts';

describe('networks', () => {
  it.each([
    ['', ''],
    ['127.0.0.0/8', '127.0.0.0/8'],
    ['127.0.0.0/8,[::1]/128  192.168.1.7\t!10.0.0.0/8', '127.0.0.0/8, [::1]/128, 192.168.1.7, !10.0.0.0/8'],
    [
      '[::ffff:127.0.0.0]/104 [fe80::]/64 [2001:db8::1] [2001:db8::/32]',
      '[::ffff:127.0.0.0]/104, [fe80::]/64, [2001:db8::1], [2001:db8::/32]',
    ],
    ['[10.0.0.0]/8', '[10.0.0.0]/8'],
  ])('%j', (text, list) => {
    expect(readNetworkList(text)).toBe(list);
  });

  it.each([
    ['0.0.0.0/0', 'open relay'],
    ['[::]/0', 'open relay'],
    ['192.168.1.1/24', 'bits set'],
    ['[2001:db8::1]/32', 'bits set'],
    ['10.0.0.0/33', 'above 32'],
    ['[::]/129', 'above 128'],
    ['127', 'no address'],
    ['192.168.', 'no network'],
    ['010.0.0.1', 'no address'],
    ['256.1.1.1', 'no address'],
    ['[1:2]', 'no address'],
    ['10.0.0.0/255.0.0.0', 'netmask'],
    ['::1', 'brackets'],
    ['2001:db8::/32', 'brackets'],
    ['hash:/etc/postfix/x', 'no network'],
    ['/etc/postfix/x', 'no network'],
    ['example.com', 'no network'],
    ['$mynetworks', 'no network'],
    ['10.0.0.1\nrelay_domains=x', 'line break'],
  ])('%j is refused', (text, says) => {
    const found = readNetworkList(text);
    expect(typeof found === 'object' && found.message).toContain(says);
  });
});
