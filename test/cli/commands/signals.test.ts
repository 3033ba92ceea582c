import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { commands } from '../../../src/cli/commands/index.ts';

const cli = fileURLToPath(new URL('../../../dist/cli.js', import.meta.url));
let pattern = '';
let folder = '';
const running: ChildProcess[] = [];

beforeAll(() => {
  pattern = mkdtempSync(join(tmpdir(), 'certrelay-signals-'));
  const line = ['init', '--server', 'mx.example.org', '--client', 'app.example.org', '--yes', '--quiet'];
  const made = spawnSync(process.execPath, [cli, ...line], { cwd: pattern, encoding: 'utf8' });
  expect([made.status, made.stderr]).toEqual([0, '']);
  writeFileSync(join(pattern, 'many.cf'), manyPaths());
});
afterAll(() => rmSync(pattern, { recursive: true, force: true }));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'certrelay-signalled-'));
  cpSync(join(pattern, 'out'), join(folder, 'out'), { recursive: true });
  cpSync(join(pattern, 'many.cf'), join(folder, 'many.cf'));
  expect(spawnSync('mkfifo', [join(folder, 'endless')]).status).toBe(0);
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin/postconf'), `#!/bin/sh\n: >'${folder}/began'\nexec sleep 60\n`, { mode: 0o755 });
});
afterEach(() => {
  for (const one of running.splice(0)) one.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Databases that were not given, and restrictions that hang on DNS, in classes that name each other: minutes to follow. */
function manyPaths(): string {
  const classes = ['first', 'second', 'third', 'fourth', 'fifth'];
  const lookups = (name: string) =>
    ['sender', 'client', 'helo'].map((key) => `check_${key}_access pgsql:/etc/postfix/${name}-${key}.cf`).join(', ');
  return `compatibility_level = 3.6
myhostname = relay.example.org
mydestination = example.org, pgsql:/etc/postfix/locals.cf
mynetworks = 127.0.0.0/8
virtual_alias_maps = pgsql:/etc/postfix/names.cf, pgsql:/etc/postfix/rest.cf
relay_domains = pgsql:/etc/postfix/domains.cf
relay_recipient_maps = pgsql:/etc/postfix/people.cf
recipient_delimiter = -
smtpd_restriction_classes = asks, hard, soft, ${classes.join(', ')}
asks = check_policy_service inet:127.0.0.1:9998
hard = reject_unknown_sender_domain, reject_unknown_client_hostname, reject_rbl_client list.example.net
soft = permit_dnswl_client good.example.net, hard
${classes.map((name, at) => `${name} = ${lookups(name)}, ${classes[at + 1] ?? 'soft'}\n`).join('')}smtpd_recipient_restrictions = permit_mynetworks, check_recipient_access pgsql:/etc/postfix/wishes.cf, first, reject_unverified_recipient, asks
smtpd_relay_restrictions = permit_mynetworks, permit_tls_clientcerts, permit_sasl_authenticated, defer_unauth_destination
`;
}

interface Long {
  /** Its arguments. FOLDER stands for the test's folder, PORT for that of a server that never says anything. */
  readonly line: readonly string[];
  /** Made when it is where the signal is to come; without it some time is given. */
  readonly began?: string;
}

const hook = "echo $$ >FOLDER/began; trap '' INT TERM; sleep 300 #";
const quick = 'prints what it has at once';

/** For each command something that takes long, or why it has nothing that does. A new command has to be entered. */
const longOnes: Readonly<Record<string, Long | string>> = {
  init: { line: ['init', '--out', 'new', '--server', 'a.example', '--clients-file', 'endless', '--yes'] },
  add: { line: ['add', '--clients-file', 'endless'] },
  remove: { line: ['remove', 'app.example.org', '--yes', '--deploy-hook', hook], began: 'began' },
  rotate: { line: ['rotate', 'app.example.org', '--yes', '--deploy-hook', hook], began: 'began' },
  render: 'reads and writes its own folder, as many hosts as there are',
  publish: { line: ['publish', '--deploy-hook', hook], began: 'began' },
  status: 'reads its own folder, as many hosts as there are',
  timer: quick,
  apply: { line: ['apply', 'out/hosts/mx.example.org', '--yes', '--programs', 'FOLDER/bin'], began: 'began' },
  probe: { line: ['probe', '127.0.0.1:PORT', '--timeout', '5m'] },
  fingerprint: { line: ['fingerprint', 'endless'] },
  verify: { line: ['verify', '--main-cf', 'many.cf'] },
  simulate: { line: ['simulate', '--batch', '-'] },
  explain: { line: ['explain', 'many.cf', '-'] },
  audit: { line: ['audit', '--main-cf', 'many.cf'] },
  compare: { line: ['compare', 'many.cf', 'many.cf'] },
  restrictions: quick,
  completion: quick,
  man: quick,
};

const status = { SIGINT: 130, SIGTERM: 143 } as const;
const patience = 1_500;
/** A hook that is deaf is killed after five seconds; nothing else takes longer than the machine. */
const soon = 15_000;

function files(): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
}

/** Starts it below a shell, which says the exit status as a user's would. */
async function ended(one: Long, signal: keyof typeof status, port: number) {
  const fill = (word: string) => word.replaceAll('FOLDER', folder).replaceAll('PORT', String(port));
  const command = [process.execPath, cli, ...one.line.map(fill)];
  const child = spawn('/bin/sh', ['-c', '"$@" <&3 & echo $!; wait $!; echo status $?', 'sh', ...command], {
    cwd: folder,
    // Its input never ends.
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  running.push(child);
  let [out, err] = ['', ''];
  child.stdout?.on('data', (chunk) => {
    out += String(chunk);
  });
  child.stderr?.on('data', (chunk) => {
    err += String(chunk);
  });
  const over = new Promise((resolve) => child.once('exit', resolve));
  if (one.began === undefined) await new Promise((resolve) => setTimeout(resolve, patience));
  else await expect.poll(() => existsSync(join(folder, one.began ?? '')), { timeout: 30_000 }).toBe(true);
  const pid = Number(/^\d+/.exec(out)?.[0]);
  expect([out.includes('status'), err], `${one.line.join(' ')} goes on`).toEqual([false, expect.any(String)]);
  const at = Date.now();
  process.kill(pid, signal);
  await over;
  await expect.poll(() => out).toContain('status');
  return { status: Number(/status (\d+)/.exec(out)?.[1]), took: Date.now() - at, err };
}

describe('a signal', () => {
  let server: Server;
  let port = 0;
  beforeAll(async () => {
    server = createServer(() => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
  });
  afterAll(() => {
    server.close();
  });

  it('has a case for each command', () => {
    expect(Object.keys(longOnes).toSorted()).toEqual(commands.map(({ name }) => name).toSorted());
  });

  const cases = Object.entries(longOnes).flatMap(([name, one]) =>
    typeof one === 'string' ? [] : (['SIGINT', 'SIGTERM'] as const).map((signal) => [name, signal, one] as const),
  );
  it.each(cases)('ends %s at once: %s', async (_name, signal, one) => {
    const before = files();
    const done = await ended(one, signal, port);
    expect(done.status, done.err).toBe(status[signal]);
    expect(done.took).toBeLessThan(soon);
    expect(done.err).not.toMatch(/^\s+at |internal error/m);
    // A run that was ended while it computed leaves its lock; the next one takes it over without a word.
    expect(files().filter((name) => /\.new$|~$/.test(name))).toEqual([]);
    if (one.began === undefined) expect(files().filter((name) => name !== 'out/.lock')).toEqual(before);
    const next = spawnSync(process.execPath, [cli, 'render', '--check'], { cwd: folder, encoding: 'utf8' });
    expect(next.stderr).toBe('');
    expect([0, 6]).toContain(next.status);
  });
});

describe('a hook that a signal ends', () => {
  it('counts as not deployed, and the hosts before it as deployed', async () => {
    const bring = join(folder, 'bring');
    const script = `case $1 in mx.*) exit 0;; esac; : >'${folder}/began'; sleep 300`;
    writeFileSync(bring, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const line = ['publish', '--deploy-hook', './bring', 'mx.example.org', 'app.example.org'];
    const done = await ended({ line, began: 'began' }, 'SIGTERM', 0);
    expect([done.status, done.err]).toEqual([143, expect.stringContaining('app.example.org counts as not deployed')]);
    const ledger = readFileSync(join(folder, 'out/ledger.jsonl'), 'utf8');
    expect(ledger).toMatch(/"installed".*mx\.example\.org/);
    expect(ledger).not.toMatch(/"installed".*app\.example\.org/);
  });
});
