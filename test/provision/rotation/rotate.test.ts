import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { client, day, other, type Station, server, setUp } from './station.ts';

let station: Station;
afterEach(() => station.remove());

/** Key, certificate and chain of a host belong together. */
function isWhole(host: string): boolean {
  const certificate = new X509Certificate(station.read('hosts', host, `${host}.crt`));
  const key = station.read('hosts', host, `${host}.key`);
  const chain = station.read('hosts', host, `${host}.pem`);
  return certificate.checkPrivateKey(createPrivateKey(key)) && chain === key + certificate.toString();
}

/** Every file, so that two states can be compared. */
function everything(folder: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    station.list(...folder).flatMap((name) => {
      const path = [...folder, name];
      const isFolder = station.list(...folder).includes(name) && isDirectory(path);
      return isFolder ? Object.entries(everything(path)) : [[path.join('/'), station.read(...path)]];
    }),
  );
}

function isDirectory(path: readonly string[]): boolean {
  try {
    return station.list(...path) !== undefined;
  } catch {
    return false;
  }
}

describe('rotation of a client', () => {
  it('asked for when only the old certificate is left to be taken out, does both at once, and asked again nothing', async () => {
    station = await setUp();
    await station.run('rotate', client);
    await station.run('rotate', '--deployed', server);
    await station.run('rotate', '--deployed', client);
    const [, used = ''] = station.map(server).serials.filter((one) => one !== station.serial(other));
    station.pass(120 * day);

    const both = await station.run('rotate', client);
    expect(both.exit).toBe(0);
    const serials = station.map(server).serials.filter((one) => one !== station.serial(other));
    expect(serials).toHaveLength(2);
    expect(serials).toContain(used);
    expect(station.serial(client)).toBe(used);

    const before = everything();
    expect((await station.run('rotate', client)).exit).toBe(0);
    expect(everything()).toEqual(before);
  });

  it('stops after the map, goes on when the server has it, and waits for the client and the overlap', async () => {
    station = await setUp();
    const old = station.serial(client);
    const oldKey = station.read('hosts', client, `${client}.key`);

    const begun = await station.run('rotate', client);
    expect(begun.exit).toBe(0);
    expect(begun.out).toContain(`certrelay rotate --deployed ${server}`);
    expect(begun.err).toContain('a new key');
    const [next = ''] = station.map(server).serials.filter((one) => one !== old && one !== station.serial(other));
    expect(station.map(server).serials).toHaveLength(3);
    // The client's files have not changed, and the new key lies apart.
    expect(station.serial(client)).toBe(old);
    expect(station.read('hosts', client, `${client}.key`)).toBe(oldKey);
    const [waiting = ''] = station.list('next', client);
    expect([station.mode('next', client), station.mode('next', client, waiting)]).toEqual(['700', '600']);

    const before = everything();
    const again = await station.run('rotate', client);
    expect([again.exit, again.out]).toEqual([0, expect.stringContaining('nothing to do now')]);
    expect(everything()).toEqual(before);

    const handed = await station.document('rotate', '--deployed', server);
    expect(handed.performed).toEqual([{ kind: 'deploy', role: 'client', holder: client, serial: next }]);
    expect(station.serial(client)).toBe(next);
    expect(isWhole(client)).toBe(true);
    expect(station.list('next')).toEqual([]);
    expect(station.map(server).serials).toContain(old);

    // However long it takes: without knowing that the new one is in use, the old one stays.
    station.pass(30 * day);
    const late = await station.document('rotate', '--due');
    expect(late.performed).toEqual([]);
    expect(late.pending[0].waitingFor).toEqual([{ kind: 'use', host: client, serial: next }]);

    const retired = await station.document('rotate', '--deployed', client);
    expect(retired.performed).toEqual([{ kind: 'retire', role: 'client', holder: client, serial: old }]);
    expect(station.map(server).serials).not.toContain(old);
    expect((await station.run('verify')).exit).toBe(0);
    expect((await station.run('render', '--check')).exit).toBe(0);
  });

  it('with a hook does everything in one run, then retires when the overlap is over and not before', async () => {
    station = await setUp();
    const old = station.serial(client);
    const hook = `echo >>${station.folder}/pushed`;
    const first = await station.document('rotate', client, '--overlap', '5s', '--deploy-hook', hook);
    expect(first.performed.map((step: { kind: string }) => step.kind)).toEqual(['issue', 'admit', 'deploy']);
    expect(first.installed).toEqual([server, client]);
    station.pass(4);
    expect((await station.document('rotate', '--due', '--deploy-hook', hook)).performed).toEqual([]);
    station.pass(3);
    const last = await station.document('rotate', '--due', '--deploy-hook', hook);
    expect(last.performed).toEqual([{ kind: 'retire', role: 'client', holder: client, serial: old }]);
    // The server gets the map without the old line as well.
    expect(last.installed).toEqual([server]);
    const { exit, out } = await station.run('rotate', '--due', '--deploy-hook', hook);
    expect([exit, out]).toEqual([0, expect.stringContaining('nothing to do')]);
  });

  it('says which host a hook failed for, exits 1, and goes on with the next run', async () => {
    station = await setUp();
    const old = station.serial(client);
    const failed = await station.run('rotate', client, '--deploy-hook', 'false');
    expect([failed.exit, failed.out]).toEqual([
      1,
      expect.stringContaining(`the hook failed for ${server}: exit status 1`),
    ]);
    expect(station.serial(client)).toBe(old);
    expect((await station.run('rotate', client, '--deploy-hook', 'true')).exit).toBe(0);
    expect(station.serial(client)).not.toBe(old);
  });

  it('runs the hooks around the run only when there is something to do', async () => {
    station = await setUp();
    const log = `${station.folder}/log`;
    writeFileSync(log, '');
    const around = ['--before-hook', `echo before >>${log}; :`, '--after-hook', `echo $CERTRELAY_OUTCOME >>${log}; :`];
    await station.run('rotate', '--due', ...around);
    expect(station.read('..', 'log')).toBe('');
    await station.run('rotate', client, ...around);
    expect(station.read('..', 'log')).toBe('before\ndone\n');
    const before = everything();
    const stopped = await station.run('rotate', other, '--before-hook', 'false');
    expect([stopped.exit, stopped.err]).toEqual([1, expect.stringContaining('the hook before the run failed')]);
    expect(everything()).toEqual(before);
  });

  it('keeps the key where the map lists certificate and key: the line of the new certificate is all that is new', async () => {
    station = await setUp('--pin', 'both');
    const lines = station.map(server).fingerprints;
    const { exit, out } = await station.run('rotate', client, '--reuse-key');
    expect([exit, out]).toEqual([0, expect.not.stringContaining('broken')]);
    const now = station.map(server).fingerprints;
    expect(now.filter((line) => !lines.includes(line))).toHaveLength(1);
    expect(lines.every((line) => now.includes(line))).toBe(true);
  });

  it('keeps the key when it is told to, and the fingerprint of the key with it', async () => {
    station = await setUp('--pin', 'public-key');
    const key = station.read('hosts', client, `${client}.key`);
    const lines = station.map(server).fingerprints;
    const { out, err } = await station.run('rotate', client, '--reuse-key');
    // The line is there already, so nothing has to reach a server first.
    expect(out).toContain('deploy');
    expect(err).toContain('the key stays');
    expect(station.read('hosts', client, `${client}.key`)).toBe(key);
    expect(isWhole(client)).toBe(true);
    expect(station.map(server).fingerprints).toEqual(lines);
    station.pass(15 * day);
    const retired = await station.document('rotate', '--deployed', client);
    expect(retired.performed.map((step: { kind: string }) => step.kind)).toEqual(['retire']);
    expect(station.map(server).fingerprints).toEqual(lines);
  });

  it('waits for every server', async () => {
    station = await setUp();
    await station.run('add', 't.example.com', '--role', 'server');
    await station.run('rotate', client);
    const one = await station.document('rotate', '--deployed', server);
    expect(one.performed).toEqual([]);
    expect(one.pending[0].waitingFor).toEqual([{ kind: 'hosts', files: 'map', hosts: ['t.example.com'] }]);
    expect((await station.document('rotate', '--deployed', 't.example.com')).performed).toHaveLength(1);
  });

  it('renews by the clock: nothing at first, everything after two thirds', async () => {
    station = await setUp('--days', '30');
    station.pass(19 * day);
    expect((await station.document('rotate', '--due')).performed).toEqual([]);
    station.pass(2 * day);
    const due = await station.document('rotate', '--due');
    expect(due.performed.filter((step: { kind: string }) => step.kind === 'issue')).toHaveLength(3);
    expect((await station.document('rotate', '--due')).performed).toEqual([]);
  });

  it('does not renew again and again what ends with its authority', async () => {
    station = await setUp('--days', '300', '--ca-days', '310');
    station.pass(203 * day);
    // The authority's own renewal comes first, in the very same run.
    const { performed } = await station.document('rotate', '--due');
    const issued = performed.filter((step: { kind: string }) => step.kind === 'issue');
    expect(issued.map((step: { role: string }) => step.role)).toEqual(['server', 'client', 'client']);
    station.pass(5 * day);
    const later = (await station.document('rotate', '--due')).performed;
    expect(
      later.filter((step: { kind: string }) => step.kind === 'issue').map((step: { role: string }) => step.role),
    ).toEqual(['authority']);
    for (let night = 0; night < 40; night++) {
      station.pass(day);
      expect((await station.document('rotate', '--due')).performed).toEqual([]);
    }
  });

  it('a dry run writes nothing', async () => {
    station = await setUp();
    const before = everything();
    const { exit, out } = await station.run('rotate', '--all', '--dry-run');
    expect([exit, out]).toEqual([0, expect.stringContaining('nothing written (--dry-run): would do 6 steps')]);
    expect(everything()).toEqual(before);
  });
});

describe('rotation of a server', () => {
  it('needs nothing of the clients where they go by name', async () => {
    station = await setUp();
    const old = station.serial(server, 'server');
    expect((await station.document('rotate', server)).performed.map((step: { kind: string }) => step.kind)).toEqual([
      'issue',
      'admit',
      'deploy',
    ]);
    expect(station.serial(server, 'server')).not.toBe(old);
    expect(isWhole(server)).toBe(true);
  });

  it('is not for one that keeps its certificate', async () => {
    station = await setUp();
    writeFileSync(`${station.folder}/base`, 'smtpd_tls_cert_file = /etc/ssl/own.pem\nmynetworks = 127.0.0.0/8\n');
    const keep = ['--server-cert', 'keep', '--client-level', 'encrypt', '--base-main-cf', 'base'];
    expect((await station.run('init', ...keep, '--yes')).exit).toBe(0);
    const { exit, out, err } = await station.run('rotate', server);
    expect([exit, out]).toEqual([0, expect.stringContaining('nothing to do')]);
    expect(err).toContain(`"${server}" keeps a certificate of its own`);
  });

  it('moves the pins of every client first', async () => {
    station = await setUp('--client-level', 'fingerprint', '--digest', 'sha256');
    const pins = () =>
      station
        .read('hosts', client, 'tls_policy')
        .match(/match=(\S+)/)?.[1]
        ?.split('|') ?? [];
    const old = station.serial(server, 'server');
    expect(pins()).toHaveLength(1);
    await station.run('rotate', server, '--overlap', '1d');
    expect(pins()).toHaveLength(2);
    expect(station.serial(server, 'server')).toBe(old);
    await station.run('rotate', '--deployed', client);
    expect(station.serial(server, 'server')).toBe(old);
    await station.run('rotate', '--deployed', other);
    expect(station.serial(server, 'server')).not.toBe(old);
    expect(pins()).toHaveLength(2);
    station.pass(2 * day);
    await station.run('rotate', '--deployed', server);
    expect(pins()).toHaveLength(1);
  });
});

describe('rotation of the authority', () => {
  it('brings both to every host, then certificates from the new one, then takes the old one out', async () => {
    station = await setUp();
    const count = (host: string) => station.read('hosts', host, 'cacert.pem').split('BEGIN').length - 1;
    const issuer = (host: string) => new X509Certificate(station.read('hosts', host, `${host}.crt`)).issuer;
    const oldKey = station.read('ca', 'cakey.pem');
    await station.run('rotate', '--authority', '--ca-name', 'second', '--overlap', '1d');
    expect([server, client, other].map(count)).toEqual([2, 2, 2]);
    expect(station.read('ca', 'cakey.pem')).toBe(oldKey);
    expect(station.mode('ca', 'next')).toBe('700');
    // One host that does not have the bundle holds everything up.
    await station.run('rotate', '--deployed', server, client);
    expect([server, client, other].map(issuer).filter((name) => name === 'CN=second')).toEqual([]);
    const moved = await station.document('rotate', '--deployed', other);
    expect(moved.performed.map((step: { kind: string }) => step.kind)).toContain('deploy');
    expect(station.read('ca', 'cakey.pem')).not.toBe(oldKey);
    expect(station.read('ca', 'former', station.list('ca', 'former')[0] ?? '')).toBe(oldKey);
    // The server's own goes at once, the clients' when the server has its map.
    expect([server, client, other].map(issuer)).toEqual([
      'CN=second',
      expect.stringContaining('authority of'),
      expect.anything(),
    ]);
    await station.run('rotate', '--deployed', server);
    expect([server, client, other].map(issuer)).toEqual(['CN=second', 'CN=second', 'CN=second']);
    station.pass(2 * day);
    await station.run('rotate', '--deployed', client);
    expect(count(server)).toBe(2);
    await station.run('rotate', '--deployed', other);
    expect([server, client, other].map(count)).toEqual([1, 1, 1]);
    expect(station.list('ca')).toEqual(['cacert.pem', 'cakey.pem']);
    expect(station.state().state.authorities.map(({ retired }) => retired !== undefined)).toEqual([true, false]);
    expect((await station.run('render', '--check')).exit).toBe(0);
    // And it issues.
    expect((await station.run('add', 'new.example.com')).exit).toBe(0);
    expect(issuer('new.example.com')).toBe('CN=second');
  });

  it.skipIf(needs('openssl'))(
    'may keep its name: whichever of the two issued a certificate, OpenSSL finds it',
    async () => {
      station = await setUp();
      const verify = (name: string, bundle: string, purpose: string) =>
        execFileSync('openssl', [
          ...[
            'verify',
            '-x509_strict',
            '-purpose',
            purpose,
            '-attime',
            String(Math.floor(station.time.getTime() / 1000)),
          ],
          ...['-CAfile', station.path('hosts', bundle, 'cacert.pem'), station.path('hosts', name, `${name}.crt`)],
        ]).toString();
      await station.run('rotate', '--authority');
      expect(verify(server, client, 'sslserver')).toContain('OK');
      await station.run('rotate', '--deployed', server, client, other);
      const [first, second] = station.state().state.authorities;
      expect([first?.holder, station.state().state.of(server).at(-1)?.issuer]).toEqual([
        second?.holder,
        second?.serial,
      ]);
      expect(verify(server, client, 'sslserver')).toContain('OK');
      expect(verify(client, server, 'sslclient')).toContain('OK');
    },
  );

  it('keeps the passphrase, and refuses another one', async () => {
    station = await setUp();
    const secret = 'correct horse battery staple';
    writeFileSync(`${station.folder}/pass`, `${secret}\n`, { mode: 0o600 });
    writeFileSync(`${station.folder}/wrong`, 'incorrect\n', { mode: 0o600 });
    const flags = ['--server', server, '--client', client, '--postfix', '3.7', '--yes', '--out', 'locked'];
    expect((await station.run('init', ...flags, '--passphrase-file', 'pass')).exit).toBe(0);
    const wrong = await station.run('rotate', '--authority', '--out', 'locked', '--passphrase-file', 'wrong');
    expect(wrong.exit).toBe(2);
    const none = await station.run('rotate', '--authority', '--out', 'locked');
    expect([none.exit, none.err]).toEqual([2, expect.stringContaining('--passphrase-file')]);
    expect((await station.run('rotate', '--authority', '--out', 'locked', '--passphrase-file', 'pass')).exit).toBe(0);
    const [next = ''] = station.list('..', 'locked', 'ca', 'next');
    const pem = station.read('..', 'locked', 'ca', 'next', next);
    expect(pem).toContain('BEGIN ENCRYPTED PRIVATE KEY');
    expect(createPrivateKey({ key: pem, passphrase: secret }).asymmetricKeyType).toBe('ec');
  });
});

describe('from one digest to another', () => {
  it('has both in the maps before the setting changes, and takes the old lines out last', async () => {
    station = await setUp();
    const setting = () => /^smtpd_tls_fingerprint_digest = (\S+)$/m.exec(station.read('hosts', server, 'main.cf'))?.[1];
    const lengths = () => [...new Set(station.map(server).fingerprints.map(({ length }) => length))].sort();
    expect([setting(), lengths()]).toEqual(['sha1', [59]]);
    await station.run('rotate', '--digest', 'sha256', '--overlap', '1h');
    expect([setting(), lengths()]).toEqual(['sha1', [59, 95]]);
    expect((await station.run('rotate', '--digest', 'sha384')).exit).toBe(2);
    await station.run('rotate', '--deployed', server);
    expect([setting(), lengths()]).toEqual(['sha256', [59, 95]]);
    station.pass(7200);
    expect((await station.document('rotate', '--due')).performed).toEqual([]);
    await station.run('rotate', '--deployed', server);
    expect([setting(), lengths()]).toEqual(['sha256', [95]]);
    expect((await station.run('verify')).exit).toBe(0);
    expect((await station.run('render', '--check')).exit).toBe(0);
    expect((await station.run('rotate', '--digest', 'sha256')).out).toContain('nothing to do');
  });
});

describe('what cannot be', () => {
  it.each([
    [['rotate'], 'nothing was said'],
    [['rotate', 'nobody.example.com'], 'there is no host "nobody.example.com"'],
    [['rotate', 'c.exampel.com'], 'did you mean "c.example.com"'],
    [['rotate', client, '--all'], 'give one of the two'],
    [['rotate', client, '--overlap', '14'], '"14" is no duration'],
    [['rotate', client, '--overlap', '99999w'], 'is no duration'],
    [['rotate', client, '--rekey', '--reuse-key'], 'exclude each other'],
    [['rotate', client, '--ca-name', 'x'], '--authority'],
    [['rotate', '--authority', '--reuse-key'], 'never rolled over with its old key'],
    [['rotate', '--authority', '--ca-days', '0'], 'is no lifetime'],
    [['rotate', '--deployed', 'nobody.example.com'], 'there is no host'],
  ])('%j is misuse, and nothing is written', async (argv, says) => {
    station = await setUp();
    const before = everything();
    const { exit, err } = await station.run(...argv);
    expect([exit, err]).toEqual([2, expect.stringContaining(says)]);
    expect(everything()).toEqual(before);
  });

  it('a clock that was set back is refused', async () => {
    station = await setUp();
    station.pass(-day);
    const before = everything();
    for (const argv of [
      ['rotate', client],
      ['add', 'x.example.com'],
      ['remove', other, '--yes'],
    ]) {
      const { exit, err } = await station.run(...argv);
      expect([exit, err]).toEqual([1, expect.stringContaining('the clock says 2026-02-28')]);
    }
    expect(everything()).toEqual(before);
  });

  it('an expired authority is said to be expired, and nothing is written', async () => {
    station = await setUp('--ca-days', '20', '--days', '10');
    station.pass(30 * day);
    const before = everything();
    const { exit, err } = await station.run('rotate', client);
    expect([exit, err]).toEqual([2, expect.stringContaining('expired')]);
    expect(everything()).toEqual(before);
  });

  it('an expired authority is rolled over by what is due every night', async () => {
    station = await setUp('--ca-days', '20', '--days', '10');
    station.pass(30 * day);
    const hook = ['--overlap', '1d', '--deploy-hook', 'true'];
    const first = await station.document('rotate', '--due', ...hook);
    const issued = first.performed.filter((step: { kind: string }) => step.kind === 'issue');
    expect(issued.map((step: { role: string }) => step.role)).toEqual(['authority', 'server', 'client', 'client']);
    station.pass(2 * day);
    await station.document('rotate', '--due', ...hook);
    expect(station.state().state.authorities.map(({ retired }) => retired !== undefined)).toEqual([true, false]);
    expect((await station.document('rotate', '--due', ...hook)).performed).toEqual([]);
  });

  it('an authority without its key issues nothing, and can still be rolled over', async () => {
    station = await setUp();
    rmSync(station.path('ca', 'cakey.pem'));
    const before = everything();
    const { exit, err } = await station.run('rotate', client);
    expect([exit, err]).toEqual([2, expect.stringContaining('ca/cakey.pem')]);
    expect(everything()).toEqual(before);
    await station.document('rotate', '--authority', '--deploy-hook', 'true');
    expect((await station.run('add', 'new.example.com')).exit).toBe(0);
  });

  it('a key that is gone or foreign stops --reuse-key, and a new key helps', async () => {
    station = await setUp();
    const path = station.path('hosts', client, `${client}.key`);
    writeFileSync(path, station.read('hosts', other, `${other}.key`));
    const { exit, err } = await station.run('rotate', client, '--reuse-key');
    expect([exit, err]).toEqual([2, expect.stringContaining('is not the key of the certificate')]);
    expect((await station.run('rotate', client)).exit).toBe(0);
  });
});
