import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { localNetworks } from '../../../src/provision/render/server-view.ts';
import { needs } from '../../needs.ts';
import { OneHost } from '../../provision/render/install/one-host.ts';
import { clientView, serverView } from '../../provision/render/install/sample.ts';

const missing = needs('root', 'netns', 'debian-postfix', 'postfix', 'openssl');
const loopback = localNetworks(undefined, '2.11', undefined).set[0]?.value ?? 'none is rendered';
/** A rendering that took it that the host's default was safe. */
const parameters = serverView().parameters.filter(({ name }) => name !== 'mynetworks');
const unsafe = 'postconf -X mynetworks; postconf -e compatibility_level=1';

describe.skipIf(missing)('install.sh on a host whose default lets its whole subnet relay', () => {
  let host: OneHost;

  beforeAll(async () => {
    host = await OneHost.start(serverView({ parameters }));
    await host.machine.script('ip addr add 198.51.100.7/24 dev lo');
  });

  beforeEach(() => host.prepare(':'));
  afterAll(() => host?.stop());

  it('sets the loopback networks that are rendered elsewhere, keeps them, and takes them back', async () => {
    await host.machine.script(unsafe);
    const before = host.kit.snapshot();
    expect(await host.value('mynetworks')).toContain('198.51.100.0/24');
    const { status, stdout } = await host.kit.run();
    expect(status).toBe(0);
    expect(stdout).toContain(`main.cf  mynetworks = ${loopback}  (was not set)`);
    expect(await host.value('mynetworks')).toBe(loopback);
    expect((await host.kit.run()).stdout).toMatch(/^nothing changed/);
    expect((await host.kit.run('--undo')).status).toBe(0);
    expect(host.kit.snapshot()).toEqual(before);
  });

  it('lets go of them once the default is the host alone', async () => {
    await host.machine.script(unsafe);
    expect((await host.kit.run()).status).toBe(0);
    await host.machine.script('postconf -e compatibility_level=3.6');
    expect((await host.kit.run()).stdout).toContain('main.cf  mynetworks no longer set');
    expect((await host.kit.run()).stdout).toMatch(/^nothing changed/);
  });

  it.each([
    ['a default that is the host alone', 'postconf -X mynetworks; postconf -e compatibility_level=2'],
    ['networks of its own', 'postconf -e compatibility_level=0 mynetworks=10.1.0.0/16'],
    ['a style of its own', `${unsafe}; postconf -e mynetworks_style=class`],
  ])('leaves a host with %s as it is', async (_, prepare) => {
    await host.machine.script(prepare);
    const before = await host.value('mynetworks');
    const { status, stdout } = await host.kit.run();
    expect(status).toBe(0);
    expect(stdout).not.toContain('mynetworks =');
    expect(await host.value('mynetworks')).toBe(before);
  });

  it('does not take the place of a value that is rendered', async () => {
    await host.machine.script(unsafe);
    host.kit.render(
      serverView({ parameters: [...parameters, { name: 'mynetworks', value: '10.2.0.0/16', unlessSet: false }] }),
    );
    expect((await host.kit.run()).status).toBe(0);
    expect(await host.value('mynetworks')).toBe('10.2.0.0/16');
  });

  it('is no business of a client', async () => {
    const { name, ...client } = clientView();
    await host.machine.script(unsafe);
    host.kit.render({ ...client, name: serverView().name, pairs: serverView().pairs, files: [] });
    const { status, stdout } = await host.kit.run();
    expect([status, name]).toEqual([0, 'client.example.com']);
    expect(stdout).not.toContain('mynetworks =');
  });
});
