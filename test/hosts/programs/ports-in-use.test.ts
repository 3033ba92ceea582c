import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { isPortInUse, socketLists } from '../../../src/hosts/programs/ports.ts';

const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const row = (local: string, state: string) =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0\n`;

describe('a TCP port', () => {
  it.each([
    ['on every address', '00000000:09DD', true],
    ['on one of IPv6', '00000000000000000000000001000000:09DD', true],
    ['another port', '0100007F:19DD', false],
  ])('is in use: %s', (_, local, inUse) => {
    for (const list of socketLists) {
      const read = (path: string) => (path === list ? head + row(local, '0A') : head);
      expect(isPortInUse(2525, read)).toBe(inUse);
    }
  });

  it('is free where somebody is only connected from it or to it', () => {
    expect(isPortInUse(2525, () => head + row('0100007F:09DD', '01'))).toBe(false);
  });

  it('is taken to be free where nothing tells', () => {
    expect(isPortInUse(2525, () => undefined)).toBe(false);
  });

  it('is in use where this test listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const read = (path: string) => readFileSync(path, 'utf8');
    expect(isPortInUse(port, read)).toBe(true);
    await new Promise((resolve) => server.close(resolve));
    expect(isPortInUse(port, read)).toBe(false);
  });
});
