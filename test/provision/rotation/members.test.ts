import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { isLive } from '../../../src/provision/ledger/ledger-state.ts';
import { needs } from '../../needs.ts';
import { client, day, other, type Station, server, setUp } from './station.ts';

let station: Station;
afterEach(() => station.remove());

const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { cwd: station.folder, stdio: 'pipe' });
const request = (name: string, ...more: readonly string[]) =>
  openssl(
    'req',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    'host.key',
    '-subj',
    name,
    '-out',
    'host.csr',
    ...more,
  );
const selfSigned = (file: string, ...more: readonly string[]) =>
  openssl(
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    'own.key',
    '-out',
    file,
    '-days',
    '90',
    ...more,
  );

describe('add', () => {
  it('makes one more client, once', async () => {
    station = await setUp();
    const files = station
      .list('hosts', client)
      .map((name) => name.replace(client, 'N'))
      .sort();
    const added = await station.document('add', 'New.example.com');
    expect(added).toMatchObject({ schema: 'certrelay/add@1', changed: true, proof: 'met' });
    expect(added.certificates.map((one: { host: string }) => one.host)).toEqual(['new.example.com']);
    expect(
      station
        .list('hosts', 'new.example.com')
        .map((name) => name.replace('new.example.com', 'N'))
        .sort(),
    ).toEqual(files);
    expect(station.map(server).serials).toContain(station.serial('new.example.com'));
    expect((await station.document('add', 'new.example.com')).changed).toBe(false);
  });

  it('takes names from a file, and one more server', async () => {
    station = await setUp();
    writeFileSync(`${station.folder}/more.csv`, 'name\na.example.com\nb.example.com\n');
    await station.document('add', '--clients-file', 'more.csv');
    await station.document('add', 't.example.com', '--role', 'server');
    expect(station.map('t.example.com').serials).toHaveLength(4);
    expect(station.read('hosts', client, 'main.cf')).toContain('t.example.com');
  });

  it.each([
    [['add'], 'no host was named'],
    [['add', 'a b'], 'a b'],
    [['add', '../x'], '../x'],
    [['add', client, '--role', 'server'], 'is a client already'],
    [['add', 'x', 'y', '--csr', 'z'], 'about one host'],
    [['add', 'x.example.com', '--csr', 'none.csr'], 'none.csr'],
    [['add', 'x.example.com', '--cert', 'none.pem'], 'none.pem'],
    [['add', 'x.example.com', '--overlap', '1d'], '--csr'],
    [['add', 'x.example.com', '--overlap', '5x'], '--overlap: "5x" is no duration'],
    [['add', '--clients-file', 'x', '--role', 'server'], 'leave one'],
  ])('%j is misuse, and nothing is written', async (argv, says) => {
    station = await setUp();
    const before = station.read('ledger.jsonl');
    const { exit, err } = await station.run(...argv);
    expect([exit, err]).toEqual([2, expect.stringContaining(says)]);
    expect(station.read('ledger.jsonl')).toBe(before);
    expect(station.list('hosts')).toEqual([client, other, server].sort());
  });
});

describe.skipIf(needs('openssl'))('add with a request', () => {
  it('issues for the key of the host, and no key comes to lie here', async () => {
    station = await setUp();
    request(
      '/CN=k.example.com',
      '-addext',
      'subjectAltName=DNS:k.example.com,DNS:evil.example.com',
      '-addext',
      'basicConstraints=critical,CA:TRUE',
    );
    const { exit, err } = await station.run('add', 'k.example.com', '--csr', 'host.csr');
    expect([exit, err]).toEqual([0, expect.stringContaining('"evil.example.com"')]);
    const certificate = new X509Certificate(station.read('hosts', 'k.example.com', 'k.example.com.crt'));
    expect(certificate.subjectAltName).toBe('DNS:k.example.com');
    expect(certificate.ca).toBe(false);
    expect(station.list('hosts', 'k.example.com').filter((name) => /key|pem/.test(name))).toEqual(['cacert.pem']);
    openssl(
      'verify',
      '-x509_strict',
      '-purpose',
      'sslclient',
      '-CAfile',
      'out/ca/cacert.pem',
      'out/hosts/k.example.com/k.example.com.crt',
    );
    expect((await station.document('add', 'k.example.com', '--csr', 'host.csr')).changed).toBe(false);
    const twice = await station.run('add', 'l.example.com', '--csr', 'host.csr');
    expect([twice.exit, twice.err]).toEqual([2, expect.stringContaining('is for "k.example.com"')]);
  });

  it('rotates to another key when a new request comes, and removes the key that lay here', async () => {
    station = await setUp();
    const old = station.serial(client);
    request(`/CN=${client}`);
    const added = await station.document('add', client, '--csr', 'host.csr', '--overlap', '1d');
    expect(added.next[1]).toContain(`certrelay rotate --deployed ${server}`);
    expect(station.serial(client)).toBe(old);
    expect(station.map(server).serials).toHaveLength(3);
    const handed = await station.document('rotate', '--deployed', server);
    expect(handed.performed.map((step: { kind: string }) => step.kind)).toEqual(['deploy']);
    expect(handed.removed).toEqual([`hosts/${client}/${client}.key`, `hosts/${client}/${client}.pem`]);
    station.pass(2 * day);
    await station.document('rotate', '--deployed', client);
    expect(station.map(server).serials).toHaveLength(2);
    // A rotation of it is for the same key.
    const again = await station.run('rotate', client);
    expect(again.err).toContain('is on its host');
    const keys = station
      .state()
      .state.of(client)
      .slice(-2)
      .map((one) => one.publicKeyFingerprint.sha256);
    expect(keys[0]).toBe(keys[1]);
  });

  it('refuses what is no request, and one for somebody else', async () => {
    station = await setUp();
    request('/CN=k.example.com');
    expect((await station.run('add', 'm.example.com', '--csr', 'host.csr')).exit).toBe(2);
    expect((await station.run('add', 'm.example.com', '--csr', 'host.key')).exit).toBe(2);
    expect(station.exists('hosts', 'm.example.com')).toBe(false);
  });
});

describe.skipIf(needs('openssl'))('add with a certificate from elsewhere', () => {
  it('lists it by its fingerprint, several of one client beside each other, and never a key', async () => {
    station = await setUp();
    mkdirSync(`${station.folder}/acme`);
    selfSigned('acme/fullchain.pem', '-subj', '/CN=e.example.com', '-addext', 'basicConstraints=CA:FALSE');
    writeFileSync(`${station.folder}/acme/privkey.pem`, 'not read\n');
    await station.document('add', 'e.example.com', '--cert', 'acme');
    expect(station.map(server).serials).toHaveLength(3);
    expect((await station.document('add', 'e.example.com', '--cert', 'acme')).changed).toBe(false);
    selfSigned('acme/fullchain.pem', '-subj', '/CN=e.example.com', '-addext', 'basicConstraints=CA:FALSE');
    await station.document('add', 'e.example.com', '--cert', 'acme/fullchain.pem');
    expect(station.map(server).serials).toHaveLength(4);
    expect(station.list('hosts', 'e.example.com').filter((name) => /\.(key|crt)$/.test(name))).toEqual([]);
    // Beside one that certrelay made, too.
    selfSigned('own.pem', '-subj', '/CN=whoever');
    const { exit, err } = await station.run('add', client, '--cert', 'own.pem');
    expect([exit, err]).toEqual([0, expect.stringContaining(`does not name "${client}"`)]);
    const taken = await station.run('add', other, '--cert', 'own.pem');
    expect([taken.exit, taken.err]).toEqual([2, expect.stringContaining(`is listed for "${client}"`)]);
    expect((await station.run('verify')).exit).toBe(0);
  });

  it('notes what only a stricter server would refuse', async () => {
    station = await setUp();
    selfSigned(
      'server.pem',
      '-subj',
      '/CN=e.example.com',
      '-addext',
      'extendedKeyUsage=serverAuth',
      '-addext',
      'basicConstraints=CA:FALSE',
    );
    const purpose = await station.run('add', 'e.example.com', '--cert', 'server.pem');
    expect([purpose.exit, purpose.err]).toEqual([0, expect.stringContaining('not for TLS clients')]);
    selfSigned('today.pem', '-subj', '/CN=e.example.com');
    station.pass(2000 * day);
    const expired = await station.run('add', 'e.example.com', '--cert', 'today.pem');
    expect([expired.exit, expired.err]).toEqual([0, expect.stringContaining('expired on')]);
  });

  it('one of several goes by its serial number, and does not come back', async () => {
    station = await setUp();
    selfSigned('one.pem', '-subj', '/CN=e.example.com');
    selfSigned('two.pem', '-subj', '/CN=e.example.com');
    await station.document('add', 'e.example.com', '--cert', 'one.pem', 'two.pem');
    const [one] = station.state().state.of('e.example.com');
    const gone = await station.run('remove', 'e.example.com', '--serial', one?.serial.slice(0, 8) ?? '', '--yes');
    expect([gone.exit, gone.err]).toEqual([0, '']);
    expect(station.state().state.of('e.example.com').map(isLive)).toEqual([false, true]);
    const last = await station.run('remove', 'e.example.com', '--serial', station.serial('e.example.com'), '--yes');
    expect([last.exit, last.err]).toEqual([2, expect.stringContaining('left without a certificate')]);
    const back = await station.run('add', 'e.example.com', '--cert', 'one.pem');
    expect([back.exit, back.err]).toEqual([2, expect.stringContaining('revoked here')]);
  });
});

describe('remove', () => {
  it('revokes, takes out of map and inventory, and takes away what lay there, but nothing of others', async () => {
    station = await setUp();
    const [gone] = station.state().state.of(client);
    writeFileSync(station.path('hosts', client, 'notes.txt'), 'mine\n');
    const unconfirmed = await station.run('remove', client);
    expect([unconfirmed.exit, unconfirmed.err]).toEqual([2, expect.stringContaining('--yes')]);
    const dry = await station.run('remove', client, '--dry-run');
    expect([dry.exit, station.list('hosts', client).length]).toEqual([0, 9]);
    const removed = await station.document('remove', client, '--yes');
    expect(removed.removed).toHaveLength(8);
    expect(station.list('hosts', client)).toEqual(['notes.txt']);
    expect(station.map(server).serials).toEqual([station.serial(other)]);
    expect(station.read('inventory.json')).not.toContain(client);
    const rows = removed.verification[0].rows as { id: string; outcome: string; sessions: number }[];
    expect(rows.find(({ id }) => id === 'excluded')).toMatchObject({ outcome: 'met', sessions: 1 });
    expect(rows.find(({ id }) => id === 'difference')).toMatchObject({ outcome: 'met', sessions: 1 });
    expect((await station.run('remove', client, '--yes')).out).toContain('nothing changed');
    // The same name again is another certificate.
    await station.document('add', client);
    expect(station.serial(client)).not.toBe(gone?.serial);
    expect((await station.run('render', '--check')).exit).toBe(0);
  });

  it('ends a rotation that is under way, key and all', async () => {
    station = await setUp();
    await station.run('rotate', client);
    expect(station.list('next')).toEqual([client]);
    await station.document('remove', client, '--yes');
    expect([station.list('next'), station.list('hosts')]).toEqual([[], [other, server].sort()]);
    expect((await station.document('rotate', '--due')).pending).toEqual([]);
  });

  it('may leave no client, and must leave a server', async () => {
    station = await setUp();
    await station.document('remove', client, other, '--yes');
    expect(station.map(server).fingerprints).toEqual([]);
    const { exit, err } = await station.run('remove', server, '--yes');
    expect([exit, err]).toEqual([2, expect.stringContaining('no server would be left')]);
    await station.document('add', 't.example.com', '--role', 'server');
    await station.document('remove', server, '--yes');
    expect(station.list('hosts')).toEqual(['t.example.com']);
  });

  it('of a server concerns every client', async () => {
    station = await setUp();
    const added = await station.document('add', 't.example.com', '--role', 'server');
    expect(added.next[1]).toContain(`every client, which relays through ${server}, t.example.com`);
    const dry = await station.run('remove', server, '--dry-run');
    expect(dry.exit).toBe(0);
    const gone = await station.document('remove', server, '--yes', '--deploy-hook', `echo >>${station.folder}/pushed`);
    expect(gone.next).toEqual([]);
    expect([...station.state().state.installed.keys()].sort()).toEqual([client, other, 't.example.com'].sort());
    expect(station.read('hosts', client, 'main.cf')).not.toContain(`[${server}]`);
  });

  it('brings the new maps to the servers by a hook, and says loudly where that failed', async () => {
    station = await setUp();
    const { exit, err } = await station.run('remove', client, '--yes', '--deploy-hook', 'false');
    expect([exit, err]).toEqual([1, expect.stringContaining('nothing has changed yet')]);
    expect(station.map(server).serials).toHaveLength(1);
    expect((await station.run('remove', other, '--yes', '--deploy-hook', 'true')).exit).toBe(0);
    expect(station.state().state.installed.has(server)).toBe(true);
  });

  it.skipIf(needs('openssl'))('writes a revocation list that openssl believes', async () => {
    station = await setUp();
    const serial = station.serial(client);
    writeFileSync(`${station.folder}/gone.crt`, station.read('hosts', client, `${client}.crt`));
    await station.document('remove', client, '--yes', '--crl', 'crl.pem');
    const text = openssl('crl', '-in', 'crl.pem', '-noout', '-text').toString();
    expect(text.toLowerCase()).toContain(serial);
    expect(text).toMatch(/CRL Number: *\n? +\d+/);
    const verify = (file: string) => {
      const time = String(Math.floor(station.time.getTime() / 1000) + 60);
      const words = [
        'verify',
        '-attime',
        time,
        '-crl_check',
        '-CRLfile',
        'crl.pem',
        '-CAfile',
        'out/ca/cacert.pem',
        file,
      ];
      const { stdout, stderr } = spawnSync('openssl', words, { cwd: station.folder, encoding: 'utf8' });
      return `${stdout}${stderr}`;
    };
    expect(verify('gone.crt')).toContain('certificate revoked');
    expect(verify(`out/hosts/${other}/${other}.crt`)).toContain(': OK');
    expect((await station.run('remove', '--crl', 'crl.pem')).exit).toBe(0);
  });
});
