import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { type Lab, labNeeds, openLab, server } from './lab/lab.ts';
import { Rollout } from './lab/rollout.ts';
import { flawless, quickRetry, Stream } from './lab/stream.ts';

const clients = ['web.example.com', 'shop.example.com', 'news.example.com'] as const;
const [web, shop, news] = clients;
const own = { own: quickRetry };
const settings = ['--os', 'debian12', '--client-os', 'debian12'];

/** Every client gets its next certificate while all of them send, whatever the map lists of it. */
describe.skipIf(needs(...labNeeds))('rotation of clients under a stream of messages', () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await openLab({ [server]: own, [web]: own, [shop]: own, [news]: own });
  });

  afterAll(() => lab?.close());

  it.each(['certificate', 'public-key', 'both'])('loses no message when the map lists %s', async (pin) => {
    const hosts = ['--server', server, '--client', ...clients];
    const rollout = new Rollout(lab, lab.certrelay.init('out', ...hosts, ...settings, '--pin', pin));
    await lab.install(rollout.setUp);
    const stream = await Stream.start(lab, clients, 0.6);
    const before = clients.map((host) => rollout.serialAtWork(host));

    rollout.rotate(web, '--rekey', '--overlap', '5s');
    rollout.rotate(shop, '--reuse-key', '--overlap', '5s');
    const done = await rollout.follow(rollout.rotate(news, '--overlap', '5s'));
    expect(done.pending).toEqual([]);
    const after = clients.map((host) => rollout.serialAtWork(host));
    for (const [index, serial] of after.entries()) expect(serial).not.toBe(before[index]);
    const map = rollout.installed(server, 'relay_clientcerts');
    for (const serial of after) expect(map).toContain(`serial ${serial},`);
    for (const serial of before) expect(map).not.toContain(serial);

    expect(await stream.stop()).toMatchObject(flawless);
  });
});
