import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { currentCertificate } from '../../../src/provision/ledger/ledger-state.ts';
import { client, other, type Station, server, setUp } from './station.ts';

let station: Station | undefined;
afterEach(() => station?.remove());

const tag = 'Mar  1 12:00:01 s postfix/smtpd[4711]:';

/** A rotation of the client that waits for one thing: that the new certificate is known to be in use. */
async function handedOver(): Promise<Station> {
  const made = await setUp();
  station = made;
  await made.document('rotate', client, '--overlap', '5s');
  await made.document('rotate', '--deployed', server);
  made.pass(10);
  return made;
}

function fingerprintsOf(of: Station, holder = client) {
  const certificate = currentCertificate(of.state().state, holder, 'client');
  if (certificate === undefined) throw new Error(`${holder} has no certificate`);
  return certificate;
}

function line(fingerprint: string, key = fingerprint): string {
  return `${tag} ${client}[192.0.2.1]: subject_CN=${client}, issuer=it, fingerprint=${fingerprint}, pkey_fingerprint=${key}\n`;
}

const retired = (document: { performed: readonly { kind: string; holder: string }[] }) =>
  document.performed.filter(({ kind }) => kind === 'retire').map(({ holder }) => holder);

it.each(['sha1', 'sha256', 'sha512'] as const)(
  'a new certificate in a log, by its %s fingerprint, is in use',
  async (digest) => {
    const made = await handedOver();
    const { serial, fingerprint } = fingerprintsOf(made);
    writeFileSync(join(made.folder, 'log'), `${tag} connect from x\r\n${line(fingerprint[digest])}`);
    const document = await made.document('rotate', '--in-use-log', 'log');
    expect(document).toMatchObject({ changed: true, inUse: [{ holder: client, serial }] });
    expect(retired(document)).toEqual([client]);
    expect(made.map(server).serials).toContain(serial);
    expect(made.map(server).serials).toHaveLength(2);
    // Twice is once.
    const again = await made.run('rotate', '--in-use-log', 'log');
    expect([again.exit, again.err]).toEqual([0, expect.stringContaining('shows no new certificate')]);
  },
);

it('the old one is not, nor a key, nor a name that looks like a fingerprint, nor a stranger', async () => {
  const made = await setUp();
  station = made;
  const before = fingerprintsOf(made);
  await made.document('rotate', client, '--overlap', '5s');
  const next = made.state().state.of(client).at(-1);
  if (next === undefined) throw new Error('nothing was issued');
  const { sha1 } = next.fingerprint;
  const ledger = made.read('ledger.jsonl');
  // Somebody shows it before it was handed over: its host does not have it yet.
  writeFileSync(join(made.folder, 'log'), line(sha1));
  expect((await made.document('rotate', '--in-use-log', 'log')).inUse).toEqual([]);
  expect(made.read('ledger.jsonl')).toBe(ledger);

  await made.document('rotate', '--deployed', server);
  made.pass(10);
  const stranger = '5A:'.repeat(20).slice(0, -1);
  const lines = [
    line(before.fingerprint.sha1),
    line(stranger, sha1),
    `${tag} ${client}[192.0.2.1]: subject_CN=x, issuer=y, fingerprint=${sha1}, issuer=it, fingerprint=${stranger}\n`,
    `${tag} warning: ${line(sha1)}`,
    `${tag} x.example.com[192.0.2.1]: Trusted TLS connection established from x\n`,
    `subject_CN=${client}, issuer=it, fingerprint=${sha1}\n`,
  ];
  writeFileSync(join(made.folder, 'log'), lines.join(''));
  const document = await made.document('rotate', '--in-use-log', 'log');
  expect([document.inUse, retired(document)]).toEqual([[], []]);
  expect(made.map(server).serials).toContain(before.serial);
});

it('a log without certificates is told how to get them; one that is not there is refused', async () => {
  const made = await handedOver();
  writeFileSync(join(made.folder, 'log'), `${tag} connect from x\n`);
  const { exit, err } = await made.run('rotate', '--in-use-log', 'log');
  expect([exit, err]).toEqual([0, expect.stringContaining('smtpd_tls_loglevel = 2')]);
  const absent = await made.run('rotate', '--in-use-log', 'absent');
  expect([absent.exit, absent.err]).toEqual([2, expect.stringContaining('cannot read "absent"')]);
});

it('a rotation that is asked for while another waits is that other, and says so', async () => {
  const made = await handedOver();
  const before = made.read('ledger.jsonl');
  const { exit, out, err } = await made.run('rotate', client, '--overlap', '1h', '--reuse-key');
  expect([exit, out]).toEqual([0, expect.stringMatching(/^nothing to do now/)]);
  expect(err).toMatch(
    new RegExp(`a rotation of "${client}" is under way and waits: nothing more is issued until it is over`),
  );
  expect(err).toMatch(/--overlap and --reuse-key say nothing about what has begun/);
  expect(err).toMatch(new RegExp(`certrelay remove ${client} --serial SERIAL`));
  expect(made.read('ledger.jsonl')).toBe(before);
  // Of another host nothing is said.
  expect((await made.run('rotate', other)).err).not.toMatch(/under way/);
});

it('hooks run around a run that only brings files to a host that is behind', async () => {
  const made = await handedOver();
  const { fingerprint } = fingerprintsOf(made);
  writeFileSync(join(made.folder, 'log'), line(fingerprint.sha1));
  await made.document('rotate', '--in-use-log', 'log');
  const note = join(made.folder, 'note');
  const hooks = ['--before-hook', `echo before >>${note}`, '--after-hook', `echo after >>${note}`];
  const document = await made.document('rotate', '--due', '--deploy-hook', `echo >>${note}`, ...hooks);
  expect(document.installed).toEqual([server]);
  expect(made.exists('..', 'note') && made.read('..', 'note')).toMatch(/^before\n.*s\.example\.com.*\nafter\n$/s);
});
