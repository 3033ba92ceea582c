import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { type Lab, labNeeds, openLab, server } from './lab/lab.ts';
import { Rollout } from './lab/rollout.ts';
import { flawless, quickRetry, Stream } from './lab/stream.ts';

const backup = 'backup.example.com';
const servers = [server, backup] as const;
const clients = ['web.example.com', 'shop.example.com', 'news.example.com'] as const;
const [web] = clients;
const own = { own: quickRetry };
const hosts = ['--server', ...servers, '--client', ...clients, '--os', 'debian12', '--client-os', 'debian12'];
const overlap = ['--overlap', '5s'];

/** What concerns every host: one stream of messages flows through all of it. */
describe.skipIf(needs(...labNeeds))('rotation of servers, authority and digest under a stream of messages', () => {
  let lab: Lab;
  let rollout: Rollout;
  let stream: Stream;

  beforeAll(async () => {
    lab = await openLab(Object.fromEntries([...servers, ...clients].map((name) => [name, own])));
    rollout = new Rollout(lab, lab.certrelay.init('out', ...hosts));
    await lab.install(rollout.setUp);
    stream = await Stream.start(lab, clients, 0.6);
  });

  afterAll(() => lab?.close());

  it('a server that gets its map late can be the one that relays', async () => {
    const before = rollout.serialAtWork(web);
    const begun = rollout.rotate(web, ...overlap);
    expect(Rollout.awaited(begun)).toEqual(servers);
    const half = await rollout.deploy(server);
    expect(Rollout.awaited(half)).toEqual([backup]);
    expect(rollout.run('status').stdout).toMatch(/waits for backup\.example\.com to have the new map/);

    // Whoever carries the folders now carries nothing new to the client.
    await lab.install(rollout.setUp, web);
    expect(rollout.serialAtWork(web)).toBe(before);
    await withoutServer(async () => {
      const seen = lab.host(backup).log().length;
      await lab.host(backup).logged(/client=web\.example\.com/, seen);
    });

    expect((await rollout.follow(half)).pending).toEqual([]);
    expect(rollout.serialAtWork(web)).not.toBe(before);
    for (const name of servers) expect(rollout.installed(name, 'relay_clientcerts')).not.toContain(before);
  });

  it("the servers' certificates, where clients trust the authority", async () => {
    const before = servers.map((name) => rollout.serialAtWork(name));
    const done = await rollout.follow(rollout.rotate(...servers, ...overlap));
    expect(done.pending).toEqual([]);
    for (const [index, name] of servers.entries()) expect(rollout.serialAtWork(name)).not.toBe(before[index]);
  });

  it('from sha1 to sha256', async () => {
    const lengths = () => new Set(rollout.fingerprints(server).map((line) => line.length));
    expect(lengths()).toEqual(new Set([59]));
    const begun = rollout.rotate('--digest', 'sha256', ...overlap);
    const both = await rollout.deploy(...Rollout.awaited(begun));
    expect(lengths()).toEqual(new Set([59, 95]));
    expect((await rollout.follow(both)).pending).toEqual([]);
    expect(lengths()).toEqual(new Set([95]));
    const { machine } = lab.host(backup);
    expect(await machine.must('postconf', '-h', 'smtpd_tls_fingerprint_digest')).toBe('sha256\n');
  });

  it("the servers' certificates, where clients pin them", async () => {
    const pinned = lab.certrelay.init('out', '--client-level', 'fingerprint');
    await lab.install(pinned, ...clients);
    const before = servers.map((name) => rollout.serialAtWork(name));
    const begun = rollout.rotate(...servers, ...overlap);
    expect([...Rollout.awaited(begun)].sort()).toEqual([...clients].sort());
    // The servers' folders still have what the clients know.
    await lab.install(pinned, ...servers);
    expect(servers.map((name) => rollout.serialAtWork(name))).toEqual(before);
    const pins = () => rollout.installed(web, 'tls_policy').match(/[0-9A-F]{2}(:[0-9A-F]{2}){31}/g)?.length;
    const present = pins() ?? 0;
    const pinnedBoth = await rollout.deploy(...Rollout.awaited(begun));
    expect(pins()).toBe(2 * present);
    expect((await rollout.follow(pinnedBoth)).pending).toEqual([]);
    expect(pins()).toBe(present);
    for (const [index, name] of servers.entries()) expect(rollout.serialAtWork(name)).not.toBe(before[index]);
  });

  it('the authority, and after it every certificate', async () => {
    const everyone = [...servers, ...clients];
    const bundle = (name: string) => rollout.installed(name, 'cacert.pem').match(/BEGIN/g)?.length;
    const before = new Map(everyone.map((name) => [name, rollout.serialAtWork(name)]));
    const authority = rollout.installed(web, 'cacert.pem');
    const begun = rollout.rotate('--authority', ...overlap);
    const trusted = await rollout.deploy(...Rollout.awaited(begun));
    for (const name of everyone) expect(bundle(name)).toBe(2);
    expect((await rollout.follow(trusted)).pending).toEqual([]);
    for (const name of everyone) {
      expect(bundle(name)).toBe(1);
      expect(rollout.installed(name, 'cacert.pem')).not.toBe(authority);
      expect(rollout.serialAtWork(name)).not.toBe(before.get(name));
    }
  });

  it('lost, bounced and delayed nothing', async () => {
    const { sent, ...outcome } = await stream.stop();
    expect(outcome).toEqual(flawless);
    expect(sent).toBeGreaterThan(50);
    const { status, stdout } = rollout.run('status');
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^all is well/)]);
  });

  /** Has the first server turn connections down for a while; those it has, it serves to their end. */
  async function withoutServer(meanwhile: () => Promise<void>): Promise<void> {
    const { machine } = lab.host(server);
    const [service = ''] = (await machine.must('postconf', '-M', 'smtp/inet')).split('\n');
    await machine.must('postconf', '-MX', 'smtp/inet');
    await machine.must('postfix', 'reload');
    await meanwhile();
    await machine.must('postconf', '-M', `smtp/inet=${service}`);
    await machine.must('postfix', 'reload');
  }
});
