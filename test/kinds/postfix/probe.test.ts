import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import type { SetUp } from './lab/certrelay.ts';
import { client, type Lab, labNeeds, openLab, server } from './lab/lab.ts';

const hosts = ['--server', server, '--client', client, '--os', 'debian12', '--client-os', 'debian12'];

describe.skipIf(needs(...labNeeds))('certrelay probe on real Postfix', () => {
  let lab: Lab;
  let setUp: SetUp;

  /** certrelay on a host, with the administrator's bundle; the state's folder is seen from there. */
  const on = (name: string, ...args: readonly string[]) =>
    lab.host(name).machine.run([process.execPath, cli(), ...args]);
  const cli = () => join(lab.certrelay.folder, 'package', 'dist', 'cli.js');
  const probe = (name: string, ...args: readonly string[]) =>
    on(name, 'probe', ...args, '--as', client, '--out', setUp.out);
  const document = async (name: string, ...args: readonly string[]) => {
    const { status, stdout, stderr } = await probe(name, ...args, '--json');
    if (stdout === '') throw new Error(stderr);
    return { status, document: JSON.parse(stdout), text: stdout };
  };

  beforeAll(async () => {
    lab = await openLab({ [server]: {}, [client]: {} });
    setUp = lab.certrelay.init('out', ...hosts);
  });

  afterAll(() => lab?.close());

  it('says that nothing listens, before Postfix runs', async () => {
    const { status, stdout, stderr } = await probe(client, server);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^certrelay: "server\.example\.com:25": nothing listens there/);
  });

  it('shows the refusal, before certrelay comes, and that more was to be expected', async () => {
    await lab.host(server).start();
    const { status, stdout } = await probe(client, server);
    expect(status).toBe(3);
    expect(stdout).toMatch(
      /^denied: server\.example\.com:25 refuses client\.example\.com with its certificate: 454 4\.7\.1 <someone@outside\.example>: Relay access denied\n/,
    );
    expect(stdout).toContain('(predicted: 250 2.1.5');
    expect(stdout).toContain('chain   it is signed by itself\n');
  });

  it('finds everything as it must be, reply by reply as predicted', async () => {
    await lab.install(setUp);
    const log = lab.host(server).log().length;
    const { status, document: found, text } = await document(client, server);
    expect([status, found.schema, found.outcome]).toEqual([0, 'certrelay/probe@1', 'as-it-must-be']);
    const rows = found.sessions.map(({ id, outcome, met, agreement }: Record<string, unknown>) => ({
      ...{ id, outcome, met, agreement },
    }));
    const same = { met: true, agreement: { kind: 'same' } };
    expect(rows).toEqual([
      { id: 'listed', outcome: 'permitted', ...same },
      { id: 'no-certificate', outcome: 'refused', ...same },
      { id: 'stranger', outcome: 'refused', ...same },
    ]);
    expect(found.server).toMatchObject({
      ...{ chain: { checked: true }, name: { wanted: server, matches: true }, met: true, protocol: 'TLSv1.3' },
    });
    expect(text).not.toContain('PRIVATE KEY');
    expect(found.sessions[0].exchanges.map(({ said = '' }: { said?: string }) => said.split(' ')[0])).toEqual([
      ...['', 'EHLO', 'STARTTLS', 'EHLO', 'MAIL', 'RCPT', 'RSET', 'QUIT'],
    ]);
    await lab.host(server).logged(/disconnect from .* ehlo=2 starttls=1 mail=1 rcpt=1 rset=1 quit=1 commands=7/, log);
    expect(await lab.host(server).queue()).toEqual([]);
  });

  it('shows the same fingerprints as the files have', async () => {
    const { document: found } = await document(client, server);
    const read = async (file: string) => JSON.parse((await on(client, 'fingerprint', file, '--json')).stdout);
    const listed = (await read(setUp.path(client, `${client}.crt`))).certificates[0];
    expect(found.client).toMatchObject({
      ...{ fingerprint: listed.fingerprint, publicKeyFingerprint: listed.publicKeyFingerprint },
    });
    const live = (await read(`${server}:25`)).certificates;
    const rendered = (await read(setUp.path(server, `${server}.crt`))).certificates[0];
    expect(live).toEqual([{ ...rendered, file: `${server}:25` }]);
    expect(found.server.certificates[0].fingerprint).toEqual(rendered.fingerprint);
  });

  it.each([
    ['docs/probe.md', 5],
    ['README.md', 2],
  ])('does what %s shows', async (name, count) => {
    const text = readFileSync(fileURLToPath(new URL(`../../../${name}`, import.meta.url)), 'utf8');
    const blocks = [...text.matchAll(/^```sh host\n([\s\S]*?)^```$/gm)].map(([, body = '']) => body);
    const lines = blocks
      .flatMap((body) => body.split('\n'))
      .filter((line) => /^certrelay (?:probe|fingerprint) /.test(line));
    expect(lines).toHaveLength(count);
    for (const line of lines) {
      const argv = [process.execPath, cli(), ...line.split(' ').slice(1)];
      const { status, stderr } = await lab.host(client).machine.run(['env', '-C', lab.certrelay.folder, ...argv]);
      expect([line, status, stderr]).toEqual([line, 0, '']);
    }
  });

  it('predicts from a given configuration, with the files that lie on the client', async () => {
    const { machine } = lab.host(server);
    const mainCf = join(lab.certrelay.folder, 'postconf');
    await machine.script(`postconf -n >${mainCf}`);
    // Key and certificate in one file, as chain_files wants them.
    const own = `/etc/postfix/certrelay/${client}.pem`;
    const given = ['--cert', own, '--key', own, '--ca', '/etc/postfix/certrelay/cacert.pem'];
    const table = `/etc/postfix/certrelay/relay_clientcerts=${setUp.path(server, 'relay_clientcerts')}`;
    const asked = ['--main-cf', mainCf, '--postfix', '3.7', '--table', table, '--client-name', client];
    const { status, stdout } = await on(client, 'probe', server, ...given, ...asked, '--json');
    const found = JSON.parse(stdout);
    expect([status, found.sessions.map(({ agreement }: { agreement: unknown }) => agreement)]).toEqual([
      0,
      [{ kind: 'same' }, { kind: 'same' }, { kind: 'same' }],
    ]);
    expect(found.predictedBy).toContain('Postfix 3.7');
  });

  it('says that a host which may relay anyway proves nothing', async () => {
    const { status, stdout } = await probe(server, '127.0.0.1');
    expect(status).toBe(3);
    expect(stdout).toMatch(
      /^wrong: 127\.0\.0\.1:25 relays without a certificate\n {2}permitted by .*permit_mynetworks/,
    );
    expect(stdout).toContain('ask from another host');
  });

  it('goes by a wrapped port', async () => {
    const { machine } = lab.host(server);
    await machine.must(
      'postconf',
      '-M',
      'submissions/inet=submissions inet n - y - - smtpd -o smtpd_tls_wrappermode=yes',
    );
    await machine.must('postfix', 'reload');
    await lab.host(server).logged(/reload -- version/);
    const { status, document: found } = await document(client, `${server}:465`);
    expect([status, found.place.wrapped]).toEqual([0, true]);
    expect(found.sessions[0].exchanges[1].said).toBe(`EHLO ${client}`);
    expect((await on(client, 'fingerprint', '--digest', 'sha256', `${server}:465`)).stdout).toContain(server);
  });

  it('notices that the map on the server is not the one that was rendered', async () => {
    const { machine } = lab.host(server);
    const map = '/etc/postfix/certrelay/relay_clientcerts';
    await machine.script(`cp ${map} ${map}.kept; : >${map}; postmap ${map}; postfix reload`);
    const { status, stdout } = await probe(client, server);
    expect(status).toBe(3);
    expect(stdout).toMatch(/^denied: /);
    expect(stdout).toContain('predicted: 250 2.1.5');
    await machine.script(`mv ${map}.kept ${map}; postmap ${map}; postfix reload`);
  });

  it('sees a server that wants a certificate of everybody', async () => {
    await lab.host(server).set({ smtpd_tls_req_ccert: 'yes', smtpd_tls_security_level: 'encrypt' });
    await lab.host(server).machine.must('postfix', 'reload');
    const { document: found } = await document(client, server);
    const rows = found.sessions.map(({ id, met, agreement }: Record<string, unknown>) => ({ id, met, agreement }));
    // The rendered configuration says nothing of that, and nobody told certrelay.
    const predicted = expect.stringMatching(/^454 4\.7\.1 .*Relay access denied$/);
    const differs = { met: true, agreement: { kind: 'differs', stage: 'helo', predicted } };
    expect(rows).toEqual([
      { id: 'listed', met: true, agreement: { kind: 'same' } },
      { id: 'no-certificate', ...differs },
      { id: 'stranger', ...differs },
    ]);
    const mainCf = join(lab.certrelay.folder, 'requiring');
    await lab.host(server).machine.script(`postconf -n >${mainCf}`);
    const table = `/etc/postfix/certrelay/relay_clientcerts=${setUp.path(server, 'relay_clientcerts')}`;
    const told = await document(client, server, '--main-cf', mainCf, '--postfix', '3.7', '--table', table);
    expect([told.status, told.document.sessions.map(({ agreement }: Record<string, unknown>) => agreement)]).toEqual([
      0,
      [{ kind: 'same' }, { kind: 'same' }, { kind: 'same' }],
    ]);
    await lab.host(server).set({ smtpd_tls_req_ccert: 'no', smtpd_tls_security_level: 'may' });
    await lab.host(server).machine.must('postfix', 'reload');
  });

  it('notes a new certificate in the ledger, so that the old one may go', async () => {
    const { certrelay } = lab;
    expect(certrelay.run('rotate', client, '--overlap', '1s', '--out', setUp.out).status).toBe(0);
    await lab.install(setUp, server);
    expect(certrelay.run('rotate', '--deployed', server, '--out', setUp.out).status).toBe(0);
    const waiting = certrelay.run('rotate', '--due', '--yes', '--json', '--out', setUp.out).stdout;
    expect(JSON.parse(waiting).pending.some(({ kind }: { kind: string }) => kind === 'retire')).toBe(true);
    const { status, document: found } = await document(client, server, '--record');
    expect([status, found.recorded]).toEqual([0, true]);
    expect((await document(client, server, '--record')).document.recorded).toBe(false);
    const rotated = JSON.parse(certrelay.run('rotate', '--due', '--yes', '--json', '--out', setUp.out).stdout);
    expect(rotated.performed.map(({ kind }: { kind: string }) => kind)).toContain('retire');
  });
});
