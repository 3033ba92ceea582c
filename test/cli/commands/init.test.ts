import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { treeOf } from '../../setup/tree.ts';
import { workplace } from '../../setup/workplace.ts';

const shell = workplace();
/** A preparation in the suite's folder; its exit status. */
const spawn = (script: string) => spawnSync('sh', ['-c', script], { cwd: shell.folder }).status;
const setUp = ['--server', 'server.example.com', '--client', 'client.example.com', '--postfix', '3.7', '--yes'];

describe('init by flags', () => {
  it('makes everything, verified, with the right modes', async () => {
    const done = await shell.certrelay('init', ...setUp, '--out', 'first');
    expect(done.status, done.stderr).toBe(0);
    expect(done.stdout).toMatch(/^done: files in first: \d+ created\n/);
    expect(done.stdout).toMatch(/met +listed certificate +permitted +250 2\.1\.5/);
    expect(done.stdout).toMatch(/met +plain text \(3\) +refused +454 4\.7\.1$/m);
    const tree = treeOf(join(shell.folder, 'first'));
    const expected = {
      'ca/cacert.pem': '0644',
      'ca/cakey.pem': '0600',
      'hosts/client.example.com/SHA256SUMS': '0644',
      'hosts/client.example.com/cacert.pem': '0644',
      'hosts/client.example.com/client.example.com.crt': '0644',
      'hosts/client.example.com/client.example.com.key': '0600',
      'hosts/client.example.com/client.example.com.pem': '0600',
      'hosts/client.example.com/install.sh': '0644',
      'hosts/client.example.com/main.cf': '0644',
      'hosts/client.example.com/tls_policy': '0644',
      'hosts/server.example.com/SHA256SUMS': '0644',
      'hosts/server.example.com/cacert.pem': '0644',
      'hosts/server.example.com/install.sh': '0644',
      'hosts/server.example.com/main.cf': '0644',
      'hosts/server.example.com/relay_clientcerts': '0644',
      'hosts/server.example.com/server.example.com.crt': '0644',
      'hosts/server.example.com/server.example.com.key': '0600',
      'hosts/server.example.com/server.example.com.pem': '0600',
      'inventory.json': '0644',
      'ledger.jsonl': '0644',
    };
    expect(Object.fromEntries(Object.entries(tree).map(([path, { mode }]) => [path, mode]))).toEqual(expected);
    for (const folder of ['ca', 'hosts/client.example.com', 'hosts/server.example.com']) {
      expect(statSync(join(shell.folder, 'first', folder)).mode & 0o777).toBe(0o700);
    }
  });

  it('changes nothing the second time, not even a time stamp', async () => {
    await shell.certrelay('init', ...setUp, '--out', 'twice');
    const before = treeOf(join(shell.folder, 'twice'));
    const again = await shell.certrelay('init', ...setUp, '--out', 'twice');
    expect(again.status).toBe(0);
    expect(again.stdout).toMatch(/^nothing changed: all 20 files in twice are as they should be\n/);
    expect(treeOf(join(shell.folder, 'twice'))).toEqual(before);
  });

  it('adds a client and touches only the map and the state beside it', async () => {
    await shell.certrelay('init', ...setUp, '--out', 'more');
    const before = treeOf(join(shell.folder, 'more'));
    const added = await shell.certrelay('init', '--client', 'second.example.com', '--yes', '--out', 'more', '--json');
    expect(added.status, added.stderr).toBe(0);
    expect(JSON.parse(added.stdout)).toMatchObject({
      schema: 'certrelay/init@1',
      changed: true,
      updated: ['ledger.jsonl', 'hosts/server.example.com/relay_clientcerts', 'inventory.json'],
    });
    const after = treeOf(join(shell.folder, 'more'));
    const changed = Object.keys(before).filter((path) => before[path]?.changed !== after[path]?.changed);
    expect(changed).toEqual(['hosts/server.example.com/relay_clientcerts', 'inventory.json', 'ledger.jsonl']);
    expect(after['ledger.jsonl']?.content.startsWith(before['ledger.jsonl']?.content ?? '-')).toBe(true);
  });

  it('says of every client which fingerprints it has, in both digests', async () => {
    await shell.certrelay('init', ...setUp, '--out', 'prints');
    const inventory = JSON.parse(readFileSync(join(shell.folder, 'prints/inventory.json'), 'utf8'));
    const [certificate] = inventory.clients[0].certificates;
    expect(certificate.fingerprint.sha1).toMatch(/^([0-9A-F]{2}:){19}[0-9A-F]{2}$/);
    expect(certificate.fingerprint.sha256).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    const map = readFileSync(join(shell.folder, 'prints/hosts/server.example.com/relay_clientcerts'), 'utf8');
    expect(map).toContain(`\n${certificate.fingerprint.sha1} client.example.com\n`);
  });

  it('--dry-run writes nothing', async () => {
    const done = await shell.certrelay('init', ...setUp, '--dry-run', '--out', 'dry');
    expect(done.status).toBe(0);
    expect(done.stdout).toMatch(/^nothing written \(--dry-run\): files in dry: 20 to create\n/);
    expect(existsSync(join(shell.folder, 'dry'))).toBe(false);
  });

  it('completes what an interrupted run left: a key without a certificate is used', async () => {
    await shell.certrelay('init', ...setUp, '--out', 'whole');
    const keys = ['ca/cakey.pem', 'hosts/client.example.com/client.example.com.key'];
    const script = keys.map((key) => `install -D -m 600 whole/${key} torn/${key}`).join(' && ');
    const copied = spawn(`mkdir -m 700 torn && ${script}`);
    expect(copied).toBe(0);
    const done = await shell.certrelay('init', ...setUp, '--out', 'torn');
    expect(done.status, done.stderr).toBe(0);
    const whole = treeOf(join(shell.folder, 'whole'));
    const torn = treeOf(join(shell.folder, 'torn'));
    for (const key of keys) expect(torn[key]?.content).toBe(whole[key]?.content);
    expect(Object.keys(torn)).toEqual(Object.keys(whole));
  });

  it('does not make a server of a host that is a client: their keys would be mixed up', async () => {
    await shell.certrelay('init', ...setUp, '--out', 'roles');
    const before = treeOf(join(shell.folder, 'roles'));
    const done = await shell.certrelay('init', '--server', 'client.example.com', '--yes', '--out', 'roles');
    expect([done.status, done.stderr]).toEqual([
      2,
      expect.stringContaining('"client.example.com" is a client already'),
    ]);
    expect(treeOf(join(shell.folder, 'roles'))).toEqual(before);
  });

  it('never touches an authority that it does not know', async () => {
    spawn('mkdir -p strange/ca && cp whole/ca/* strange/ca/');
    const before = treeOf(join(shell.folder, 'strange'));
    const done = await shell.certrelay('init', ...setUp, '--out', 'strange');
    expect(done.status).toBe(2);
    expect(done.stderr).toContain('there is an authority in "ca" that the ledger does not know');
    expect(treeOf(join(shell.folder, 'strange'))).toEqual(before);
  });
});

describe('the passphrase of the authority', () => {
  it('encrypts the key, opens it again, and appears nowhere', async () => {
    spawn('umask 077; printf "correct horse\\n" >pass; printf "wrong\\n" >wrong');
    const made = await shell.certrelay('init', ...setUp, '--out', 'secret', '--passphrase-file', 'pass');
    expect(made.status, made.stderr).toBe(0);
    const tree = treeOf(join(shell.folder, 'secret'));
    expect(tree['ca/cakey.pem']?.content).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
    const everything = [made.stdout, made.stderr, ...Object.values(tree).map(({ content }) => content)].join('\n');
    expect(everything).not.toContain('correct horse');
    const add = ['init', '--client', 'b.example.com', '--yes', '--out', 'secret'];
    const without = await shell.certrelay(...add);
    expect([without.status, without.stderr]).toEqual([2, expect.stringContaining('--passphrase-file FILE')]);
    const wrong = await shell.certrelay(...add, '--passphrase-file', 'wrong');
    expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining('the passphrase does not open')]);
    expect(treeOf(join(shell.folder, 'secret'))).toEqual(tree);
    expect(
      (await shell.certrelay('init', ...setUp, '--out', 'secret')).status,
      'nothing is issued, so none is needed',
    ).toBe(0);
    expect((await shell.certrelay(...add, '--passphrase-file', 'pass')).status).toBe(0);
  });

  it('comes from a systemd credential too', async () => {
    spawn('mkdir -p credentials && cp pass credentials/ca-passphrase');
    const env = { CREDENTIALS_DIRECTORY: join(shell.folder, 'credentials') };
    const done = await shell.run(['init', ...setUp, '--out', 'credential'], { env });
    expect(done.status, done.stderr).toBe(0);
    expect(treeOf(join(shell.folder, 'credential'))['ca/cakey.pem']?.content).toContain('ENCRYPTED');
  });
});
