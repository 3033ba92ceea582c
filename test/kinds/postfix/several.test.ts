import { afterAll, beforeAll, describe, it } from 'vitest';
import { needs } from '../../needs.ts';
import { client, type Lab, labNeeds, openLab, recipient, server } from './lab/lab.ts';

const hub = 'hub.example.com';

/** More hosts than two: the hub lets the client in, and relays through the server itself. */
describe.skipIf(needs(...labNeeds))('several hosts', () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await openLab({ [server]: {}, [hub]: {}, [client]: {} });
    const hosts = ['--server', server, hub, '--client', client, hub, '--os', 'debian12', '--client-os', 'debian12'];
    await lab.install(lab.certrelay.init('out', ...hosts));
  });

  afterAll(() => lab?.close());

  it('relays for a second client, which is a server too', async () => {
    await lab.relays(hub, 'from the hub');
    await lab.host(server).logged(/Trusted TLS connection established from hub\.example\.com/);
    await lab.host(server).logged(/client=hub\.example\.com/);
  });

  it('relays for the first', async () => {
    await lab.relays(client, 'from the client');
  });

  it('goes by the hub when the server is away, with both of its certificates', async () => {
    await lab.host(server).machine.must('postfix', 'stop');
    await lab.host(client).send(`root@${client}`, recipient, 'the long way');
    await lab.host(hub).logged(/client=client\.example\.com/);
    await lab.host(hub).logged(/Trusted TLS connection established from client\.example\.com/);
    await lab.host(server).start();
    await lab.host(hub).machine.must('postqueue', '-f');
    await lab.outside.message('the long way', lab.logs);
  });
});
