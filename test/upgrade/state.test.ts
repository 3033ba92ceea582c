import { writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { day, Station } from '../provision/rotation/station.ts';
import { dayAfter, layOut, type OldState, oldFile, oldStates } from './old-state.ts';

const server = 'server.example.com';
const client = 'client.example.com';
const map = `hosts/${server}/relay_clientcerts`;

let station: Station;
afterEach(() => station.remove());

function begin(state: OldState): void {
  station = new Station(dayAfter);
  layOut(state, station.root);
}

/** Runs a command that must succeed, or find what it reports. */
async function must(...argv: readonly string[]): Promise<string> {
  const { exit, out, err } = await station.run(...argv);
  if (exit !== 0 && exit !== 5) throw new Error(`exit ${exit} of ${argv.join(' ')}\n${out}${err}`);
  return out;
}

/** Events are only ever added: the ledger begins with what 0.1.0 wrote. */
function expectContinuedLedger(state: OldState): void {
  expect(station.read('ledger.jsonl').startsWith(oldFile(state, 'ledger.jsonl'))).toBe(true);
}

const fingerprintsIn = (text: string) => [...text.matchAll(/^([0-9A-F:]{20,}) /gm)].map(([, one]) => one);

describe.each(oldStates)('a directory that 0.1.0 wrote (%s)', (state) => {
  it('is understood by every command that only reads', async () => {
    begin(state);
    expect(JSON.parse(await must('status', '--json'))).toMatchObject({ schema: 'certrelay/status@1' });
    const verified = await station.run('verify');
    expect(verified.out).toContain('listed certificate');
    // The dedicated service of 0.1.0 issues session tickets, until it is rendered again.
    const broken = verified.out.split('\n').filter((line) => line.startsWith('  broken'));
    const wanted =
      state === 'dedicated' ? [3, [expect.stringContaining('session tickets for other services')]] : [0, []];
    expect([verified.exit, broken], verified.err).toEqual(wanted);
    await must('audit');
    await must('fingerprint', `out/hosts/${server}/${server}.crt`);
    expect(station.read(map)).toBe(oldFile(state, map));
    expect(station.read('ledger.jsonl')).toBe(oldFile(state, 'ledger.jsonl'));
  });

  it('keeps its maps, certificates and keys byte for byte when it is rendered again', async () => {
    begin(state);
    expect([0, 6]).toContain((await station.run('render', '--check', '--diff')).exit);
    await must('render');
    const kept = [map, 'ca/cacert.pem', 'ca/cakey.pem', 'ledger.jsonl', `hosts/${server}/${server}.pem`];
    for (const path of kept) expect(station.read(path), path).toBe(oldFile(state, path));
    expect((await station.run('render', '--check')).exit).toBe(0);
    await must('verify');
  });

  it('lets nobody else relay after that', async () => {
    begin(state);
    const tables = ['--table', `/etc/postfix/certrelay/relay_clientcerts=${station.path(map)}`];
    const fragment = `hosts/${server}/main.cf`;
    writeFileSync(station.path('before'), `myhostname = ${server}\n${station.read(fragment)}`);
    await must('render');
    writeFileSync(station.path('after'), `myhostname = ${server}\n${station.read(fragment)}`);
    const { exit, out, err } = await station.run('compare', 'out/before', 'out/after', '--postfix', '3.7', ...tables);
    expect([exit, err], out).toEqual([0, '']);
  });

  it('takes a new client, and takes one out', async () => {
    begin(state);
    const before = fingerprintsIn(station.read(map));
    await must('add', 'new.example.com');
    const added = fingerprintsIn(station.read(map));
    expect(added).toEqual(expect.arrayContaining(before));
    expect(added).toHaveLength(before.length + 1);
    await must('remove', client, '--yes', '--crl', 'revoked.crl');
    expect(station.read(map)).not.toContain(`${client}\n`);
    expect(station.read(map)).toContain(' new.example.com\n');
    await must('verify');
    expectContinuedLedger(state);
  });
});

describe('a revocation in a directory with a dedicated service that 0.1.0 wrote', () => {
  const note =
    /until server\.example\.com has its new master\.cf, a revoked client can take a TLS session from port 2525/;

  /** What `remove` notes where the main.cf that is known of the server is this one. */
  async function notes(mainCf: string, ...before: readonly string[]): Promise<string> {
    begin('dedicated');
    const inventory = JSON.parse(station.read('inventory.json')) as { readonly settings: object };
    const settings = { ...inventory.settings, baseMainCf: mainCf };
    writeFileSync(station.path('inventory.json'), JSON.stringify({ ...inventory, settings }));
    if (before.length > 0) await must(...before);
    const { exit, err } = await station.run('remove', client, '--yes');
    expect(exit, err).toBe(0);
    return err;
  }
  const relayList = (permit: string) =>
    `mynetworks = 127.0.0.0/8\nsmtpd_relay_restrictions = ${permit}, defer_unauth_destination\n`;

  it('says that session tickets outlive it, where every certificate of the CA is let in', async () => {
    expect(await notes(relayList('permit_tls_all_clientcerts'))).toMatch(note);
  });

  it('says nothing of them where the map decides, or where the new entry was made before', async () => {
    expect(await notes(relayList('permit_mynetworks'))).not.toContain('session');
    expect(await notes(relayList('permit_tls_clientcerts'))).not.toContain('session');
    expect(await notes(relayList('permit_tls_all_clientcerts'), 'render')).not.toContain('session');
  });
});

/** Lets hosts take their files and time pass until no step of a rotation is left. */
async function finishRotations(): Promise<void> {
  for (let round = 0; round < 8; round++) {
    await must('rotate', '--deployed', server, '--deployed', client);
    station.pass(15 * day);
    const { performed, pending } = await station.document('rotate', '--due');
    if (performed.length === 0 && pending.length === 0) return;
  }
  throw new Error('a rotation comes to no end');
}

// In a database a rotation waits for a publication: see database.test.ts.
describe.each(oldStates.filter((state) => state !== 'database'))('a directory that 0.1.0 wrote (%s)', (state) => {
  const isImported = state === 'imported';

  it('has its hosts rotated to the end', async () => {
    begin(state);
    const before = { server: station.serial(server, 'server'), client: station.serial(client) };
    const [old] = fingerprintsIn(oldFile('plain', map));
    await must('rotate', server, client);
    await finishRotations();
    expect(station.serial(server, 'server')).not.toBe(before.server);
    // A certificate from elsewhere is not certrelay's to rotate.
    expect(station.serial(client) === before.client).toBe(isImported);
    expect(station.map(server).fingerprints).not.toContain(old);
    expect(station.map(server).fingerprints).toHaveLength(isImported ? 2 : 1);
    await must('verify');
    expect((await station.run('render', '--check')).exit).toBe(0);
    expectContinuedLedger(state);
  });

  it('has its CA rolled over to the end', async () => {
    begin(state);
    const old = station.read('ca', 'cacert.pem');
    await must('rotate', '--authority', '--overlap', '1d');
    await finishRotations();
    expect(station.read('ca', 'cacert.pem')).not.toContain(old.trim());
    await must('verify');
    expectContinuedLedger(state);
  });
});
