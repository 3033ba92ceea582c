import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { client, type Lab, labNeeds, openLab, server } from './lab/lab.ts';

const hosts = ['--server', server, '--client', client, '--client-os', 'debian12'];
const own = 'permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination';
const repaired = 'permit_mynetworks, permit_sasl_authenticated, permit_tls_clientcerts, reject_unauth_destination';

/** A permit in the relay list does not help where the host's recipient list refuses: both run, and either can refuse. */
describe.skipIf(needs(...labNeeds))('a server with a recipient list of its own', () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await openLab({ [server]: { own: { smtpd_recipient_restrictions: own } }, [client]: {} });
  });

  afterAll(() => lab?.close());

  it('is left alone by install.sh, which names the line to add', async () => {
    const machine = lab.host(server).machine;
    const before = readFileSync(machine.path('/etc/postfix/main.cf'), 'utf8');
    const unaware = lab.certrelay.init('unaware', ...hosts, '--os', 'debian12');
    const { status, stdout, stderr } = await unaware.install(server, machine);
    expect(status).toBe(3);
    expect(stdout).toBe('');
    expect(stderr).toContain(`smtpd_recipient_restrictions = ${own}`);
    expect(stderr).toContain(`smtpd_recipient_restrictions = ${repaired}`);
    expect(readFileSync(machine.path('/etc/postfix/main.cf'), 'utf8')).toBe(before);
    expect((await machine.run(['ls', '-A', '/etc/postfix/certrelay'])).status).not.toBe(0);
  });

  it('takes the same rendering once that line is set', async () => {
    await lab.host(server).set({ smtpd_recipient_restrictions: repaired });
    const aware = lab.certrelay.init('unaware', ...hosts, '--os', 'debian12');
    await lab.install(aware);
    await lab.relays(client, 'line added by hand');
  });

  it('gets the permit inserted when certrelay is shown its settings', async () => {
    const machine = lab.host(server).machine;
    await lab.host(server).set({ smtpd_recipient_restrictions: own });
    await machine.must('sh', `/mnt/${server}/install.sh`, '--undo');
    await lab.host(server).set({ smtpd_recipient_restrictions: own });
    const base = join(lab.certrelay.folder, 'base');
    writeFileSync(base, await machine.must('postconf', '-n'));
    await lab.install(lab.certrelay.init('shown', ...hosts, '--postfix', '3.7', '--base-main-cf', base));
    expect((await machine.must('postconf', '-h', 'smtpd_recipient_restrictions')).trim()).toBe(repaired);
    await lab.relays(client, 'permit inserted');
  });
});
