import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { program } from '../../setup/program.ts';
import { certrelay } from './commands.ts';
import { runCounted, type Stop } from './killed.ts';
import { type Scenario, scenarios } from './scenarios.ts';
import { disagreements, shapeDifference, shapeOf, violations } from './state.ts';

/**
 * Every command that writes, killed at every call that changes the disk, with the write at hand done by half as well. Some
 * hundred calls make some thousand processes, so a run of all tests takes a sample, another one each hour;
 * CERTRELAY_CRASH=all takes them all, and a number that call alone.
 */
const all = process.env.CERTRELAY_CRASH === 'all';
const sample = 2;

const cli = program();
const folders = mkdtempSync(join(tmpdir(), 'certrelay-crash-'));
afterAll(() => rmSync(folders, { recursive: true, force: true }));
let made = 0;

function folder(from?: string): string {
  const path = join(folders, String(++made));
  if (from === undefined) mkdirSync(path);
  else cpSync(from, path, { recursive: true, preserveTimestamps: true });
  return path;
}

/** A folder as it is before the command that will be killed. */
async function start({ before, killed, spoiled = [] }: Scenario): Promise<string> {
  const cwd = folder();
  for (const { line, ahead, renewed } of before) {
    if (renewed === true) renewIn(cwd);
    const done = await certrelay(cwd, line, ahead);
    expect([done.status, done.stderr, done.defect], line.join(' ')).toEqual([0, expect.any(String), undefined]);
  }
  if (killed.renewed === true) renewIn(cwd);
  for (const path of spoiled) writeFileSync(join(cwd, 'out', path), 'somebody was here\n');
  return cwd;
}

/** What a client of an ACME authority does. */
function renewIn(cwd: string): void {
  mkdirSync(join(cwd, 'live'), { recursive: true });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'own.key'];
  const certificate = ['-subj', '/CN=mx.example.com', '-days', '90', '-out', 'live/cert.pem'];
  execFileSync('openssl', ['req', '-x509', ...key, ...certificate], { cwd, stdio: 'pipe' });
}

/** The stops to try: all of them, or some, evenly spread. */
function stops(calls: readonly string[]): readonly Stop[] {
  // Before a flush the disk holds what it holds before the call that follows it; the process, not the machine, is killed.
  const each = calls.flatMap((call, index): Stop[] => [
    ...(call.startsWith('flush ') ? [] : [{ at: index + 1, torn: false }]),
    ...(call.startsWith('write ') ? [{ at: index + 1, torn: true }] : []),
  ]);
  const one = Number(process.env.CERTRELAY_CRASH);
  if (one > 0) return each.filter(({ at }) => at === one);
  if (all || each.length <= sample) return each;
  const first = new Date().getHours() % Math.ceil(each.length / sample);
  return Array.from({ length: sample }, (_, index) => {
    const stop = each[(first + Math.floor((index * each.length) / sample)) % each.length];
    return stop ?? { at: 1, torn: false };
  });
}

const ledgerOf = (cwd: string): string => {
  const path = join(cwd, 'out', 'ledger.jsonl');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
};

/** A ledger without the rest of a line that was cut short. */
const confirmed = (ledger: string): string => ledger.slice(0, ledger.lastIndexOf('\n') + 1);

describe.each(scenarios)('killed: $name', (scenario) => {
  test('the next run ends as an undisturbed one does', { timeout: all ? 3_600_000 : 120_000 }, async () => {
    const { killed } = scenario;
    const begun = await start(scenario);
    const undisturbed = folder(begun);
    const calls = runCounted(cli, undisturbed, killed);
    expect(calls.length).toBeGreaterThan(5);
    const wanted = shapeOf(join(undisturbed, 'out'));
    const tried = stops(calls);
    const wrong: string[] = [];
    for (const stop of tried) {
      const cwd = folder(begun);
      const root = join(cwd, 'out');
      runCounted(cli, cwd, killed, stop);
      const call = calls[stop.at - 1]?.replace(/ .*\/out\//, ' ');
      const where = `${call}${stop.torn ? ' (torn)' : ''} [${stop.at}]`;
      const complain = (what: string) => wrong.push(`${where}: ${what}`);
      const left = ledgerOf(cwd);
      if (!left.startsWith(ledgerOf(begun))) complain('a line of the ledger is lost');
      for (const violation of violations(root, scenario.spoiled)) complain(`killed: ${violation}`);
      for (const line of [killed.line, ['render'], ['verify']]) {
        const { status, stderr, defect } = await certrelay(cwd, line, killed.ahead);
        if (status !== 0) complain(`${line.join(' ')} exits ${status}: ${stderr}${defect ?? ''}`);
      }
      if (!existsSync(root)) continue;
      if (!ledgerOf(cwd).startsWith(confirmed(left))) complain('a line of the ledger is lost by the next run');
      for (const what of [...violations(root), ...disagreements(root)]) complain(what);
      const { stdout } = await certrelay(cwd, ['status', '--json'], killed.ahead);
      const { drift } = JSON.parse(stdout) as {
        readonly drift: readonly { readonly path: string; readonly message: string }[];
      };
      for (const { path, message } of drift) complain(`drift: ${path} ${message}`);
      for (const what of shapeDifference(wanted, shapeOf(root))) complain(`not as undisturbed: ${what}`);
      rmSync(cwd, { recursive: true, force: true });
    }
    if (all)
      process.stdout.write(`${scenario.name}: ${calls.length} calls, ${tried.length} stops, ${wrong.length} wrong\n`);
    expect(wrong).toEqual([]);
  });
});
