import { spawn } from 'node:child_process';
import { createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { program } from '../../../setup/program.ts';

/**
 * A log that does not fit into memory. CERTRELAY_LOG_MEGABYTES makes it as long as one likes: 200 takes a few seconds,
 * and what is held stays the same.
 */
const megabytes = Number(process.env.CERTRELAY_LOG_MEGABYTES ?? 5);
const mostMemory = 300;

const fixture = (name: string) => readFileSync(new URL(`../../../fixtures/case/${name}`, import.meta.url), 'utf8');
const refused = fixture('server.log');

/** Sessions that all differ, of many processes in turns, and lines of other programs; what is asked about is in the middle. */
function* pieces(): Generator<string> {
  const length = megabytes * 1_000_000;
  let written = 0;
  let told = false;
  for (let i = 0; written < length; i++) {
    const client = `client${i}.example.net[10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}]`;
    const line = (message: string) => `Nov 30 21:40:39 server postfix/smtpd[${1000 + (i % 500)}]: ${message}\n`;
    const text = [
      line(`connect from ${client}`),
      `Nov 30 21:40:39 server dovecot: imap-login: Login: user=<a${i}>, method=PLAIN\n`,
      line(
        `NOQUEUE: reject: RCPT from ${client}: 550 5.1.1 <x${i}@example.com>: Recipient address rejected: User unknown; from=<s${i}@example.net> to=<x${i}@example.com> proto=ESMTP helo=<h${i}>`,
      ),
      i % 3 === 0 ? '' : line(`disconnect from ${client}`),
    ].join('');
    written += text.length;
    yield text;
    if (!told && written > length / 2) {
      told = true;
      yield refused;
    }
  }
}

interface Measured {
  readonly status: number | null;
  readonly stdout: string;
  /** Megabytes, as the kernel counts them. */
  readonly peak: number;
}

/** Runs the program and reads from /proc, while it lasts, how much memory it took at most. */
async function measured(cli: string, args: readonly string[], cwd: string): Promise<Measured> {
  const child = spawn(process.execPath, [cli, ...args], { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  let peak = 0;
  const timer = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      peak = Math.max(peak, Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024);
    } catch {
      // It has ended.
    }
  }, 20);
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearInterval(timer);
  return { status, stdout, peak };
}

describe('a long log', () => {
  const built = program();

  it(`of ${megabytes} MB is read as a stream`, { timeout: 60_000 + megabytes * 1_000 }, async () => {
    const { folder } = built;
    writeFileSync(join(folder, 'main.cf'), fixture('server.postconf'));
    writeFileSync(join(folder, 'relay_clientcerts'), fixture('relay_clientcerts'));
    await pipeline(Readable.from(pieces()), createWriteStream(join(folder, 'mail.log')));
    const cli = join(folder, 'package', 'dist', 'cli.js');
    const { status, stdout, peak } = await measured(
      cli,
      ['explain', 'main.cf', 'mail.log', '--severity', 'error'],
      folder,
    );
    expect(status).toBe(5);
    expect(stdout.split('\n')[0]).toBe('454 4.7.1 <myemail@outside.org>: Relay access denied');
    expect(stdout).toContain('the simulator agrees');
    expect(stdout).toMatch(/^\d+ more sessions of the log were not looked at/m);
    // On other systems than Linux nobody tells.
    if (process.platform === 'linux') expect(peak).toBeGreaterThan(20);
    expect(peak).toBeLessThan(mostMemory);
    if (megabytes > 5) process.stderr.write(`${megabytes} MB of log: ${Math.round(peak)} MB of memory\n`);
  });
});
