import { copyFileSync, renameSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { layOut } from '../../upgrade/old-state.ts';
import { carryAndApply } from './lab/applying.ts';
import { buildTable } from './lab/build-table.ts';
import { SetUp } from './lab/certrelay.ts';
import { client, type Lab, labNeeds, openLab, server } from './lab/lab.ts';

const another = 'web.example.com';
const protocols = ['tls1_2', 'tls1_3'] as const;
const cache = `btree:\${data_directory}/smtpd_scache`;
const map = '/etc/postfix/certrelay/relay_clientcerts';

type Protocol = (typeof protocols)[number];
/** Whether the TLS session was resumed, and the code of the reply to RCPT. */
type Outcome = readonly ['new' | 'resumed', number];

/** What port 25 may have; with the restriction it permits a certificate, which it sees only in a resumed session. */
const ports25 = [
  ['permit_tls_clientcerts', 'no session cache', ''],
  ['permit_tls_all_clientcerts', 'no session cache', ''],
  ['permit_tls_all_clientcerts', 'a session cache', cache],
] as const;

/** On 3.7.11 with OpenSSL 3. Port 25 asks nobody for a certificate. */
describe.skipIf(needs(...labNeeds))('TLS sessions of a dedicated service, resumed on port 25', () => {
  let lab: Lab;
  /** As 0.1.0 made it. */
  let old: SetUp;
  /** The same as this version goes on with it: one more client, and the first one is revoked. */
  let current: SetUp;
  const host = () => lab.host(server);

  beforeAll(async () => {
    lab = await openLab({ [server]: {}, [client]: {} });
    old = new SetUp(`${lab.certrelay.folder}/old`);
    layOut('dedicated', old.out);
    current = new SetUp(`${lab.certrelay.folder}/current`);
    layOut('dedicated', current.out);
    for (const args of [['render'], ['add', another], ['remove', client, '--yes']]) {
      const { status, stderr } = lab.certrelay.run(...args, '--out', current.out);
      expect(status, stderr).toBe(0);
    }
    const { machine } = lab.host(client);
    copyFileSync(old.path(client, `${client}.pem`), machine.path(`/mnt/${client}.pem`));
    copyFileSync(current.path(another, `${another}.pem`), machine.path(`/mnt/${another}.pem`));
    await lab.install(old, server);
  });

  afterAll(() => lab?.close());

  /** The server anew, with this on port 25. */
  async function anew(restriction: string, cache: string): Promise<void> {
    await host().set({
      smtpd_relay_restrictions: `${restriction}, defer_unauth_destination`,
      // What permit_tls_clientcerts on port 25 needs, which the rendered main.cf leaves alone.
      ...{ relay_clientcerts: `hash:${map}`, smtpd_tls_fingerprint_digest: digest() },
      smtpd_tls_session_cache_database: cache,
    });
    await restart();
  }

  async function restart(): Promise<void> {
    await host().settle();
    await host().machine.must('postfix', 'stop');
    await host().start();
  }

  const digest = () => /smtpd_tls_fingerprint_digest=(\S+)/.exec(old.read(server, 'master.cf'))?.[1] ?? '';

  async function session(port: number, protocol: Protocol, tls: readonly string[]): Promise<Outcome> {
    const { machine } = lab.host(client);
    const openssl = ['openssl', 's_client', '-starttls', 'smtp', '-connect', `192.0.2.1:${port}`, `-${protocol}`];
    const said = [`EHLO ${client}`, `MAIL FROM:<root@${client}>`, 'RCPT TO:<someone@outside.org>', 'QUIT'];
    const lines = said.map((line) => `sleep 0.2; printf '%s\\r\\n' '${line}'`).join('; ');
    const script = `(${lines}) | ${[...openssl, ...tls].join(' ')} -crlf -ign_eof 2>&1`;
    const { stdout } = await machine.run(['sh', '-c', script]);
    const how = /^(New|Reused), TLSv1/m.exec(stdout)?.[1];
    const reply = [...stdout.matchAll(/^([245]\d\d) [245]\.\d\.\d .*$/gm)].at(-2)?.[1];
    if (how === undefined || reply === undefined) throw new Error(`no session with port ${port}\n${stdout}`);
    return [how === 'Reused' ? 'resumed' : 'new', Number(reply)];
  }

  const kept = (protocol: Protocol) => `/mnt/session-${protocol}`;

  /** A session with the dedicated service, shown this client's certificate; it is kept to be resumed. */
  async function keep(name: string, protocol: Protocol): Promise<Outcome> {
    const pem = `/mnt/${name}.pem`;
    await lab.host(client).machine.must('rm', '-f', kept(protocol));
    return session(2525, protocol, ['-cert', pem, '-key', pem, '-sess_out', kept(protocol)]);
  }

  /** The kept session on a port, without a certificate. Where the server gave nothing to resume by, there is none. */
  async function resume(port: number, protocol: Protocol): Promise<Outcome> {
    const { status } = await lab.host(client).machine.run(['test', '-s', kept(protocol)]);
    return session(port, protocol, status === 0 ? ['-sess_in', kept(protocol)] : []);
  }

  it.each(ports25)('relay with the entry of 0.1.0: %s, %s', async (restriction, _, cache) => {
    await anew(restriction, cache);
    for (const protocol of protocols) {
      expect(await session(25, protocol, [])).toEqual(['new', 454]);
      expect(await keep(client, protocol)).toEqual(['new', 250]);
      expect(await resume(25, protocol)).toEqual(['resumed', 250]);
    }
  });

  it('relay whatever the entry says of the session cache, which only tlsmgr(8) reads', async () => {
    const cacheSettings = ['smtpd_tls_session_cache_database', 'smtpd_tls_session_cache_timeout'];
    const master = host().machine.path('/etc/postfix/master.cf');
    copyFileSync(master, `${master}.kept`);
    for (const [index, value] of ['', '0'].entries()) {
      await host().machine.must('postconf', '-P', `2525/inet/${cacheSettings[index]}=${value}`);
    }
    await restart();
    for (const protocol of protocols) {
      await keep(client, protocol);
      expect(await resume(25, protocol)).toEqual(['resumed', 250]);
    }
    renameSync(`${master}.kept`, master);
    await restart();
  });

  it('relay for a revoked client with the entry of 0.1.0, after every reload or restart again', async () => {
    await anew('permit_tls_all_clientcerts', '');
    for (const protocol of protocols) await keep(client, protocol);
    await buildTable(host().machine, map, current.read(server, 'relay_clientcerts'));
    for (const protocol of protocols) expect(await resume(25, protocol)).toEqual(['resumed', 250]);
    for (const end of [() => host().machine.must('postfix', 'reload'), restart]) {
      await end();
      for (const protocol of protocols) {
        expect(await resume(25, protocol)).toEqual(['new', 454]);
        expect(await keep(client, protocol)).toEqual(['new', 454]);
        expect(await resume(25, protocol)).toEqual(['resumed', 250]);
      }
    }
  });

  it('do not relay for the revoked client once the new directory is installed', async () => {
    const checked = await carryAndApply({ certrelay: lab.certrelay, setUp: current }, host().machine, '--check');
    expect([checked.status, checked.stdout], checked.stderr).toEqual([6, expect.stringContaining('2525')]);
    await lab.install(current, server);
    const entry = '2525/inet/tls_ssl_options';
    expect((await host().machine.must('postconf', '-P', entry)).trim()).toBe(`${entry} = NO_TICKET`);
    for (const protocol of protocols) {
      expect(await resume(25, protocol)).toEqual(['new', 454]);
      expect(await keep(client, protocol)).toEqual(['new', 454]);
      expect(await resume(25, protocol)).toEqual(['new', 454]);
    }
  });

  it.each(ports25)('are not resumed with the entry of this version: %s, %s', async (restriction, _, cache) => {
    await anew(restriction, cache);
    for (const protocol of protocols) {
      expect(await keep(another, protocol)).toEqual(['new', 250]);
      expect(await resume(25, protocol)).toEqual(['new', 454]);
      await keep(another, protocol);
      // Postfix searches the session cache by service, so the dedicated service finds its own sessions.
      expect(await resume(2525, protocol)).toEqual(cache === '' ? ['new', 454] : ['resumed', 250]);
    }
  });
});
