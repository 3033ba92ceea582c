import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { client, type Lab, labNeeds, openLab, recipient, server } from './lab/lab.ts';

// Debian runs the SMTP server and client in a chroot, other systems do not: certificates and tables must be found either way.
describe.skipIf(needs(...labNeeds)).each([
  ['chrooted', true],
  ['not chrooted', false],
])('a relay on real Postfix, %s', (_, chroot) => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await openLab({ [server]: { chroot }, [client]: { chroot } });
  });

  afterAll(() => lab?.close());

  it('is refused before certrelay comes', async () => {
    await lab.host(server).start();
    await lab.host(client).set({ relayhost: `[${server}]:25` });
    await lab.host(client).start();
    await lab.host(client).send(`root@${client}`, recipient, 'too early');
    await lab.host(client).logged(/status=deferred .* 454 4\.7\.1 <myemail@outside\.org>: Relay access denied/);
    await lab.host(client).machine.must('postsuper', '-d', 'ALL');
  });

  it('takes a message from the client to a place behind the server', async () => {
    const hosts = ['--server', server, '--client', client, '--os', 'debian12', '--client-os', 'debian12'];
    await lab.install(lab.certrelay.init('out', ...hosts));
    const message = await lab.relays(client, 'first light');
    expect(message.to).toEqual([recipient]);
    expect(message.from).toBe(`root@${client}`);
    expect(message.text).toMatch(/^Received: from client\.example\.com .*by server\.example\.com .*with ESMTPS/ms);
    await lab.host(server).logged(/Trusted TLS connection established from client\.example\.com/);
    await lab.host(client).logged(/Verified TLS connection established to server\.example\.com/);
  });

  it('leaves no warning in the logs', () => {
    const lines = lab.logs().split('\n');
    expect(lines.filter((line) => /\b(warning|error|fatal|panic):/.test(line))).toEqual([]);
  });
});
