import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../needs.ts';
import { client, type Lab, openLab, recipient, server } from './lab/lab.ts';

const missing = needs('root', 'netns', 'postfix', 'openssl', 'ip', 'nsenter');

// Debian runs the SMTP server and client in a chroot, other systems do not: certificates and tables must be found either way.
describe.skipIf(missing).each([
  ['chrooted', true],
  ['not chrooted', false],
])('a relay on real Postfix, %s', (_, chroot) => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await openLab({ [server]: { chroot }, [client]: { chroot } });
    lab.certrelay.init('--server', server, '--client', client, '--os', 'debian12', '--client-os', 'debian12');
    await lab.installAndStart(server, client);
  });

  afterAll(() => lab?.close());

  it('takes a message from the client to a place behind the server', async () => {
    await lab.host(client).send(`root@${client}`, recipient, 'first light');
    const message = await lab.outside.message('first light', lab.logs);
    expect(message.to).toEqual([recipient]);
    expect(message.from).toBe(`root@${client}`);
    expect(message.text).toMatch(/^Received: from client\.example\.com .*by server\.example\.com/ms);
    await lab.host(server).logged(/Trusted TLS connection established from client\.example\.com/);
    await lab.host(client).logged(/Verified TLS connection established to server\.example\.com/);
    await lab.host(client).queueEmpty();
  });

  it('leaves no warning in the logs', () => {
    expect(
      lab
        .logs()
        .split('\n')
        .filter((line) => /warning|error|fatal|panic/.test(line)),
    ).toEqual([]);
  });
});
