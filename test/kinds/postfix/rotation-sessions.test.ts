import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { buildTable } from './lab/build-table.ts';
import { client, type Lab, labNeeds, openLab, recipient, server } from './lab/lab.ts';
import { OpenConnection } from './lab/open-connection.ts';
import { Rollout } from './lab/rollout.ts';
import { quickRetry } from './lab/stream.ts';
import { until } from './lab/until.ts';

const own = { own: quickRetry };
const map = '/etc/postfix/certrelay/relay_clientcerts';
const resumed = /Reusing old session/;
const denied = /status=deferred .*said: 454 4\.7\.1 <myemail@outside\.org>: Relay access denied/;

/**
 * A TLS session that is resumed brings the certificate of its first handshake along, whatever the client has now. Debian's
 * stock main.cf keeps sessions for an hour. What that does to rotation and revocation, and how a reload ends it.
 */
describe.skipIf(needs(...labNeeds))('certificates and resumed TLS sessions', () => {
  let lab: Lab;
  let rollout: Rollout;

  beforeAll(async () => {
    lab = await openLab({ [server]: own, [client]: own });
    const hosts = ['--server', server, '--client', client, '--os', 'debian12', '--client-os', 'debian12'];
    rollout = new Rollout(lab, lab.certrelay.init('out', ...hosts));
    await lab.install(rollout.setUp);
    await watch();
    await sent('a handshake for the cache');
    expect(await sent('resumed')).toMatch(resumed);
  });

  afterAll(() => lab?.close());

  it('a new certificate does not show while the session of the old one lasts', async () => {
    const old = issued();
    rollout.rotate(client, '--overlap', '1s');
    await rollout.deploy(server);
    await reloaded(server);
    await watch();
    await sent('a handshake with the server after its reload');

    // As somebody would who copies the file and knows that a new process reads it: no reload.
    const { machine } = lab.host(client);
    copyFileSync(rollout.setUp.path(client, `${client}.pem`), machine.path(`/etc/postfix/certrelay/${client}.pem`));
    await endProcesses(client);
    expect(issued()).not.toBe(old);
    expect(await sent('with a new process')).toMatch(resumed);
    expect(shown()).toBe(old);
  });

  it('and shows from the next connection on when either side was reloaded, which install.sh does', async () => {
    const present = issued();
    await lab.install(rollout.setUp, client);
    await reloaded(client);
    await watch();
    expect(await sent('after install.sh on the client')).not.toMatch(resumed);
    expect(shown()).toBe(present);

    expect(await sent('resumed again')).toMatch(resumed);
    await lab.host(server).machine.must('postfix', 'reload');
    await reloaded(server);
    expect(await sent('after a reload of the server')).not.toMatch(resumed);
    expect(shown()).toBe(present);
  });

  it("the server's log is enough for certrelay to know, and the old one goes", async () => {
    const path = join(lab.certrelay.folder, 'server.log');
    const used = () => {
      const { status, stdout, stderr } = rollout.run('rotate', '--in-use-log', path, '--json');
      expect([status, stderr]).toEqual([0, expect.any(String)]);
      const { inUse, performed } = JSON.parse(stdout) as {
        readonly inUse: readonly { readonly holder: string }[];
        readonly performed: readonly { readonly kind: string; readonly holder: string }[];
      };
      return { inUse: inUse.map(({ holder }) => holder), performed: performed.map(({ kind }) => kind) };
    };
    // Up to the handshake with the new certificate, the log speaks of the old one only.
    const log = lab.host(server).log();
    const first = log.indexOf(`fingerprint=${issued()}`);
    expect(first).toBeGreaterThan(0);
    writeFileSync(path, log.slice(0, log.lastIndexOf('\n', first) + 1));
    expect(used()).toEqual({ inUse: [], performed: [] });
    writeFileSync(path, log);
    expect(used()).toEqual({ inUse: [client], performed: ['retire'] });
    expect(used()).toEqual({ inUse: [], performed: [] });
  });

  it('a revoked client is refused although its session is resumed, even without a reload', async () => {
    expect(await sent('one more for the cache')).toMatch(resumed);
    const { machine } = lab.host(client);
    const open = new OpenConnection(machine, server, `/etc/postfix/certrelay/${client}.pem`);
    await open.say(`ehlo ${client}`);
    await open.say(`mail from:<root@${client}>`);
    expect(await open.say(`rcpt to:<${recipient}>`)).toMatch(/^250 2\.1\.5/);

    expect(rollout.run('remove', client, '--yes').status).toBe(0);
    expect(rollout.run('status').stdout).toMatch(
      /^behind\n {2}server\.example\.com: not known to have the latest files/m,
    );
    const seen = logLengths();
    await buildTable(lab.host(server).machine, map, rollout.setUp.read(server, 'relay_clientcerts'));
    await lab.host(client).send(`root@${client}`, recipient, 'revoked');
    await lab.host(client).logged(denied, seen.client);
    expect(lab.host(client).log().slice(seen.client)).toMatch(resumed);
    // A connection that was open all the time is served to its end by the table that it began with.
    expect(await open.say(`rcpt to:<${recipient}>`)).toMatch(/^250 2\.1\.5/);
    await open.close();
  });

  it('and stays refused, with its mail in the queue, when the server was reloaded', async () => {
    // Not tried in between, for the first attempt after the reload begins the next session to be resumed.
    await lab.host(client).machine.must('postsuper', '-h', 'ALL');
    await lab.install(rollout.setUp, server);
    await reloaded(server);
    const { client: seen } = logLengths();
    await lab.host(client).machine.must('postsuper', '-H', 'ALL');
    await lab.host(client).machine.must('postqueue', '-f');
    const line = await lab.host(client).logged(denied, seen);
    const attempt = lab.host(client).log().slice(seen);
    expect(attempt.slice(0, attempt.indexOf(line))).not.toMatch(resumed);
    expect((await lab.host(client).queue()).map(({ to }) => to)).toEqual([recipient]);
    expect(lab.outside.with('revoked')).toBeUndefined();
  });

  /** Logs of sessions and fingerprints on both sides, which install.sh turns off again. */
  async function watch(): Promise<void> {
    await lab.host(client).set({ smtp_tls_loglevel: '2' });
    await lab.host(server).set({ smtpd_tls_loglevel: '2' });
    // install.sh has asked the server already, whose process goes on with what main.cf said then.
    await endProcesses(server);
  }

  /** Sends a message through, and answers what the client's log said of it. */
  async function sent(subject: string): Promise<string> {
    const { client: seen } = logLengths();
    await lab.relays(client, subject);
    return lab.host(client).log().slice(seen);
  }

  function logLengths(): { readonly client: number; readonly server: number } {
    return { client: lab.host(client).log().length, server: lab.host(server).log().length };
  }

  /** The fingerprint that the server saw last. */
  function shown(): string {
    const found = lab
      .host(server)
      .log()
      .matchAll(/smtpd\[\d+\]: client\.example\.com.* fingerprint=([0-9A-F:]+)/g);
    return [...found].at(-1)?.[1] ?? '';
  }

  /** The fingerprint of the certificate in the client's folder, which is what the map lists. */
  function issued(): string {
    return rollout.fingerprintOf(client);
  }

  /** Ends the SMTP clients and servers of a host; the next ones read main.cf and certificate anew. */
  async function endProcesses(host: string): Promise<void> {
    const pids = pidsIn(lab.host(host).log());
    for (const pid of pids) await lab.host(host).machine.run(['kill', pid]);
    await gone(host, pids);
  }

  /**
   * A reload is done when the processes of before are gone: one that is idle may take another connection until then. Whoever
   * asks the server afterwards, as install.sh does, meets a new one.
   */
  async function reloaded(host: string): Promise<void> {
    const log = lab.host(host).log();
    const last = log.lastIndexOf('reload -- version');
    expect(last).toBeGreaterThan(0);
    await gone(host, pidsIn(log.slice(0, last)));
  }

  async function gone(host: string, pids: readonly string[]): Promise<void> {
    const { machine } = lab.host(host);
    const ended = async () => {
      const alive = await Promise.all(pids.map((pid) => machine.run(['kill', '-0', pid])));
      return alive.every(({ status }) => status !== 0) ? true : undefined;
    };
    await until(`end of the processes that served so far on ${host}`, ended, { describe: lab.logs });
  }

  /** Every SMTP client and server process that a log tells of. */
  function pidsIn(log: string): readonly string[] {
    const found = log.matchAll(/postfix\/smtpd?\[(\d+)\]/g);
    return [...new Set([...found].map(([, pid = '']) => pid))];
  }
});
