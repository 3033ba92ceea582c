import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { type Lab, labNeeds, openLab, recipient, server } from './lab/lab.ts';
import { Rollout, type RotationSaid } from './lab/rollout.ts';
import { flawless, quickRetry, Stream } from './lab/stream.ts';

const clients = ['web.example.com', 'shop.example.com', 'news.example.com'] as const;
const [web, shop, news] = clients;
const own = { own: quickRetry };
const hosts = ['--server', server, '--client', ...clients, '--os', 'debian12', '--client-os', 'debian12'];
const denied = /status=deferred .*said: 454 4\.7\.1 <myemail@outside\.org>: Relay access denied/;

/** Files carried by a hook, files that never arrive, and who has to go, while the others send. */
describe.skipIf(needs(...labNeeds))('deploy hooks, laggards and revocation under a stream of messages', () => {
  let lab: Lab;
  let rollout: Rollout;

  beforeAll(async () => {
    lab = await openLab({ [server]: own, [web]: own, [shop]: own, [news]: own });
    rollout = new Rollout(lab, lab.certrelay.init('out', ...hosts));
    await lab.install(rollout.setUp);
  });

  afterAll(() => lab?.close());

  it('with a hook one run goes all the way, and the next retires', async () => {
    const stream = await Stream.start(lab, clients, 0.6);
    const before = [web, shop].map((host) => rollout.serialAtWork(host));
    const said = rollout.rotate(web, shop, '--overlap', '5s', '--deploy-hook', rollout.hook());
    const after = [web, shop].map((host) => rollout.serialAtWork(host));
    for (const [index, serial] of after.entries()) expect(serial).not.toBe(before[index]);
    const begun = ['issue', 'admit', 'issue', 'admit', 'deploy', 'deploy'];
    expect(said.performed.slice(0, 6).map(({ kind }) => kind)).toEqual(begun);

    const done = await overlapped(said, '--deploy-hook', rollout.hook());
    expect([done.pending, done.behind]).toEqual([[], []]);
    for (const serial of after) expect(mapNow()).toContain(serial);
    for (const serial of before) expect(mapNow()).not.toContain(serial);
    expect(await stream.stop()).toMatchObject(flawless);
  });

  it('a client that never takes its new files keeps relaying, and status says what it waits for', async () => {
    const stream = await Stream.start(lab, clients, 0.6);
    const old = rollout.serialAtWork(news);
    const hook = rollout.hook({ unreachable: [news] });
    const { status, stderr } = rollout.run('rotate', news, web, '--overlap', '1s', '--yes', '--deploy-hook', hook);
    expect([status, stderr]).toEqual([1, expect.stringContaining(`no way to ${news}`)]);
    await sleep(1500);
    // The other client's rotation does not wait for it.
    expect(rollout.run('rotate', '--due', '--yes', '--deploy-hook', hook).status).toBe(1);
    expect(rollout.run('status').stdout).toMatch(
      /waits for news\.example\.com to use its new certificate \(serial [0-9a-f]+\)/,
    );
    expect(rollout.serialAtWork(news)).toBe(old);
    expect(mapNow()).toContain(old);
    await stream.flows(news);

    const late = await rollout.follow(await rollout.deploy(news));
    expect(late.pending).toEqual([]);
    expect(mapNow()).not.toContain(old);
    await stream.flows(news);
    expect(await stream.stop()).toMatchObject(flawless);
  });

  it('without the word that the server has its map, status does not call it well', async () => {
    const begun = rollout.rotate(web, '--overlap', '1s');
    await rollout.deploy(...Rollout.awaited(begun));
    const old = rollout.serialAtWork(web);
    const { pending, behind } = await overlapped(await rollout.deploy(web));
    expect([pending, behind]).toEqual([[], [server]]);
    expect(rollout.setUp.read(server, 'relay_clientcerts')).not.toContain(old);
    expect(mapNow()).toContain(old);
    const { status, stdout } = rollout.run('status');
    expect([status, stdout]).toEqual([5, expect.stringMatching(/^needs attention: 1 host behind\n/)]);
    await rollout.deploy(server);
    expect(rollout.run('status').status).toBe(0);
  });

  it('a removed client is refused from its next connection on and keeps its mail, and the others go on', async () => {
    const stream = await Stream.start(lab, [web, news], 0.5, { without: [shop] });
    await lab.relays(shop, 'the last one');
    const { status, stdout, stderr } = rollout.run('remove', shop, '--yes', '--deploy-hook', rollout.hook());
    expect([status, `${stdout}${stderr}`]).toEqual([0, expect.stringContaining(shop)]);
    const seen = lab.host(shop).log().length;
    await lab.host(shop).send(`root@${shop}`, recipient, 'too late');
    expect(await lab.host(shop).logged(/status=/, seen)).toMatch(denied);
    await stream.flows(web);
    await stream.flows(news);
    // It is tried again and again, and never gets through.
    await lab.host(shop).machine.must('postqueue', '-f');
    await lab.host(shop).logged(denied, lab.host(shop).log().length);
    expect((await lab.host(shop).queue()).map(({ to }) => to)).toEqual([recipient]);
    expect(lab.outside.with('too late')).toBeUndefined();
    expect(await stream.stop()).toMatchObject(flawless);
    expect(rollout.run('status').status).toBe(0);
  });

  function mapNow(): string {
    return rollout.installed(server, 'relay_clientcerts');
  }

  /** What the last run said, or the one that retires when the overlaps are over; on a slow machine they may be over already. */
  async function overlapped(said: RotationSaid, ...args: readonly string[]): Promise<RotationSaid> {
    const ends = said.pending.flatMap(({ waitingFor }) =>
      waitingFor.flatMap((one) => (one.kind === 'time' ? [Date.parse(one.until)] : [])),
    );
    if (ends.length === 0) return said;
    await sleep(Math.max(...ends) - Date.now() + 10);
    return rollout.rotate('--due', ...args);
  }
});
