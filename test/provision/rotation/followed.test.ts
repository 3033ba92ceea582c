import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { day, type Station, server, setUp } from './station.ts';

const mx = 'mx.example.com';
let station: Station;
beforeEach(async () => {
  station = await setUp();
  mkdirSync(join(station.folder, 'live'));
});
afterEach(() => station.remove());

const keyArguments = {
  ec: ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  rsa: ['rsa:2048'],
} as const;

/** A certificate of somebody else, as its ACME client puts it there; answers its fingerprint as a map would list it. */
function renew(file = 'cert.pem', kind: keyof typeof keyArguments = 'ec', days = 90): string {
  const path = join(station.folder, 'live', file);
  const key = join(station.folder, 'privkey.pem');
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', ...keyArguments[kind], '-nodes', '-keyout', key, '-subj', `/CN=${mx}`],
      ...['-days', String(days), '-out', path, '-addext', 'basicConstraints=critical,CA:FALSE'],
    ],
    { stdio: 'pipe' },
  );
  return new X509Certificate(readFileSync(path)).fingerprint;
}

const listed = (fingerprint: string): boolean =>
  station.read('hosts', server, 'relay_clientcerts').includes(fingerprint);
const add = (...more: readonly string[]) => station.document('add', mx, '--cert', 'live', '--follow', ...more);
const due = () => station.document('rotate', '--due', '--yes');

describe('a place that is followed', () => {
  it('is looked at again: what is new there is admitted, what was there goes when the new one is seen and the overlap is over', async () => {
    const old = renew();
    await add();
    expect((await due()).changed).toBe(false);
    const fresh = renew();
    const status = await station.run('status');
    expect([status.exit, status.out]).toEqual([5, expect.stringContaining('is not admitted yet')]);
    const found = await due();
    expect(found.performed.map(({ kind, holder }: { kind: string; holder: string }) => [kind, holder])).toEqual([
      ['issue', mx],
      ['admit', mx],
    ]);
    expect([listed(old), listed(fresh)]).toEqual([true, true]);
    // Twice is once.
    expect((await due()).changed).toBe(false);
    station.pass(20 * day);
    const waiting = await due();
    expect(waiting.changed).toBe(false);
    const [retire] = waiting.pending.filter(({ holder }: { holder: string }) => holder === mx);
    expect(retire.waitingFor).toMatchObject([
      { kind: 'hosts', hosts: [server] },
      { kind: 'seen', host: mx },
    ]);
    expect(listed(old)).toBe(true);
    await station.document('rotate', '--deployed', mx, '--yes');
    expect([listed(old), listed(fresh)]).toEqual([false, true]);
    expect(await station.run('verify')).toMatchObject({ exit: 0 });
    expect(await station.run('status')).toMatchObject({ out: expect.not.stringContaining('is not admitted yet') });
  });

  it('is in use when a log shows it, and not because a hook brought files to the host', async () => {
    const old = renew();
    await add('--overlap', '1h');
    const fresh = renew();
    await station.document('rotate', '--due', '--yes', '--deploy-hook', 'true');
    station.pass(2 * 3600);
    expect((await station.document('rotate', '--due', '--yes', '--deploy-hook', 'true')).performed).toEqual([]);
    expect(listed(old)).toBe(true);
    const line = `Mar  1 14:00:00 s postfix/smtpd[1]: ${mx}[192.0.2.1]: subject_CN=${mx}, issuer=x, fingerprint=${fresh}, pkey_fingerprint=${fresh}`;
    writeFileSync(join(station.folder, 'mail.log'), `${line}\n`);
    const seen = await station.document('rotate', '--in-use-log', 'mail.log', '--yes');
    expect(seen.inUse).toMatchObject([{ holder: mx }]);
    expect([listed(old), listed(fresh)]).toEqual([false, true]);
  });

  it('may hold one for each kind of key; each takes the place of its like', async () => {
    const old = { ec: renew('ec.pem', 'ec'), rsa: renew('rsa.pem', 'rsa') };
    await add('--overlap', '1s');
    const rsa = renew('rsa.pem', 'rsa');
    await due();
    await station.document('rotate', '--deployed', mx, '--yes');
    station.pass(10);
    await due();
    expect([listed(old.ec), listed(old.rsa), listed(rsa)]).toEqual([true, false, true]);
  });

  it('renewed again before the first renewal was seen: the newest counts for all before it', async () => {
    const fingerprints = [renew()];
    await add('--overlap', '1h');
    for (let turn = 0; turn < 2; turn++) {
      fingerprints.push(renew());
      await due();
      station.pass(2 * 3600);
    }
    expect(fingerprints.map(listed)).toEqual([true, true, true]);
    await station.document('rotate', '--deployed', mx, '--yes');
    expect(fingerprints.map(listed)).toEqual([false, false, true]);
  });

  it('one that has expired goes when the overlap is over, for nobody waits to see its successor', async () => {
    const old = renew('cert.pem', 'ec', 1);
    await add('--overlap', '1h');
    const expiry = Date.parse(new X509Certificate(readFileSync(join(station.folder, 'live/cert.pem'))).validTo);
    station.pass((expiry - station.time.getTime()) / 1000 - 600);
    const fresh = renew();
    await due();
    station.pass(1200);
    expect((await due()).performed).toEqual([]);
    station.pass(3600);
    await due();
    expect([listed(old), listed(fresh)]).toEqual([false, true]);
  });

  it('that is gone, empty, or could be written by anybody changes nothing and is said', async () => {
    const old = renew();
    await add();
    chmodSync(join(station.folder, 'live'), 0o777);
    renew();
    const open = await station.run('rotate', '--due', '--yes');
    expect([open.exit, open.err]).toEqual([0, expect.stringContaining('can be written by anybody')]);
    expect(await station.run('status')).toMatchObject({ exit: 5 });
    rmSync(join(station.folder, 'live'), { recursive: true });
    const gone = await station.run('rotate', '--due', '--yes');
    expect([gone.exit, gone.err]).toEqual([0, expect.stringContaining('cannot read')]);
    expect(listed(old)).toBe(true);
  });

  it('with a certificate that was revoked here does not let it in again', async () => {
    const old = renew();
    const added = await add();
    const [{ serial }] = added.certificates as readonly [{ serial: string }];
    const fresh = renew();
    await due();
    await station.document('remove', mx, '--serial', serial, '--yes');
    expect([listed(old), listed(fresh)]).toEqual([false, true]);
    expect((await due()).changed).toBe(false);
  });

  it('is never begun by accident: given once, a certificate stands beside the others for ever', async () => {
    const old = renew();
    await station.document('add', mx, '--cert', 'live');
    const fresh = renew();
    expect((await due()).changed).toBe(false);
    expect(listed(fresh)).toBe(false);
    // Followed from now on, with what was there before it was followed.
    await add();
    station.pass(30 * day);
    await station.document('rotate', '--deployed', mx, '--yes');
    expect([listed(old), listed(fresh)]).toEqual([true, true]);
  });

  it.each([
    [['add', mx, '--follow'], '--follow is about a place with certificates'],
    [['add', mx, '--cert', 'live', '--follow', '--role', 'server'], 'no list names the certificates of servers'],
    [['add', mx, '--cert', 'live', '--overlap', '1h'], '--overlap is about a renewal'],
  ])('%j is refused', async (line, message) => {
    renew();
    expect(await station.run(...line)).toMatchObject({ exit: 2, err: expect.stringContaining(message) });
  });
});
