import { cpSync, readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { buildTable } from './lab/build-table.ts';
import type { SetUp } from './lab/certrelay.ts';
import { client, type Lab, labNeeds, openLab, recipient, server } from './lab/lab.ts';

const hosts = ['--server', server, '--client', client, '--os', 'debian12', '--client-os', 'debian12'];
const map = '/etc/postfix/certrelay/relay_clientcerts';
const denied = /status=deferred .*said: 454 4\.7\.1 <myemail@outside\.org>: Relay access denied/;

/** Who must not relay, on real Postfix, and that the mail of those who should is kept meanwhile. */
describe.skipIf(needs(...labNeeds))('who is refused', () => {
  let lab: Lab;
  let ours: SetUp;

  beforeAll(async () => {
    lab = await openLab({ [server]: {}, [client]: {} });
    ours = lab.certrelay.init('ours', ...hosts);
    await lab.install(ours);
    await lab.relays(client, 'control');
  });

  afterEach(async () => {
    await lab.install(ours);
    await lab.host(client).machine.must('postsuper', '-d', 'ALL');
  });

  afterAll(() => lab?.close());

  /** Sends a message that must stay in the client's queue; what the log says of it. */
  async function kept(subject: string, reason: RegExp): Promise<string> {
    const before = lab.host(client).log().length;
    await lab.host(client).send(`root@${client}`, recipient, subject);
    const line = await lab.host(client).logged(/status=(deferred|sent|bounced)/, before);
    expect(line).toMatch(reason);
    expect((await lab.host(client).queue()).map(({ to }) => to)).toEqual([recipient]);
    expect(lab.outside.with(subject)).toBeUndefined();
    return line;
  }

  it('a client whose line is taken out of the map: its mail waits, and goes when the line returns', async () => {
    const lines = readFileSync(lab.host(server).machine.path(map), 'utf8');
    const without = lines.replace(/^[0-9A-F:]+ .*$/gm, '');
    expect(without).not.toBe(lines);
    await buildTable(lab.host(server).machine, map, without);
    await kept('taken out', denied);

    await buildTable(lab.host(server).machine, map, lines);
    await lab.host(client).machine.must('postqueue', '-f');
    await lab.outside.message('taken out', lab.logs);
    await lab.host(client).queueEmpty();
  });

  it("a client with another authority's certificate", async () => {
    const theirs = lab.certrelay.init('theirs', ...hosts);
    for (const file of ['crt', 'key', 'pem'].map((ending) => `${client}.${ending}`)) {
      cpSync(theirs.path(client, file), lab.host(client).machine.path(`/mnt/${client}/${file}`));
    }
    const { status } = await lab.host(client).machine.run(['sh', `/mnt/${client}/install.sh`]);
    expect(status).toBe(0);
    await kept('of another authority', denied);
    await lab.host(server).logged(/Untrusted TLS connection established from client\.example\.com/);
  });

  it('a client without a certificate', async () => {
    await lab.host(client).set({ smtp_tls_chain_files: '' });
    await lab.host(client).machine.must('postfix', 'reload');
    await kept('no certificate', denied);
  });

  it('a client without TLS', async () => {
    await lab.host(client).set({ smtp_tls_security_level: 'none', smtp_tls_policy_maps: '' });
    await lab.host(client).machine.must('postfix', 'reload');
    await kept('plain text', denied);
  });

  it('a server that offers no TLS, by the client, which never falls back to plain text', async () => {
    await lab.host(server).set({ smtpd_tls_security_level: 'none' });
    await lab.host(server).machine.must('postfix', 'reload');
    await kept('no fall-back', /status=deferred .*TLS is required, but was not offered/);
  });

  it("a server with another authority's certificate, by the client", async () => {
    await lab.install(lab.certrelay.init('strangers', ...hosts), server);
    await kept('wrong server', /status=deferred .*Server certificate not (trusted|verified)/);
  });
});
