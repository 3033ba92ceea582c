import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { needs } from '../needs.ts';

/** How many random servers are audited; a long run sets it to a hundred. */
const servers = process.env.CERTRELAY_AUDIT_SERVERS ?? '4';
const seed = process.env.CERTRELAY_AUDIT_SEED ?? '11';
const runner = fileURLToPath(new URL('../explore/real/run.js', import.meta.url));

describe.skipIf(needs('root', 'netns', 'postfix', 'postmap', 'perl', 'ip'))('a real smtpd', () => {
  it('lets in the witness of every path that an audit finds, with the reply that it foretells', {
    timeout: 3_600_000,
  }, async () => {
    const long = process.env.CERTRELAY_AUDIT_SERVERS !== undefined;
    const args = ['--ways', '1', '--servers', servers, '--witnesses', '5000', '--seed', seed];
    const child = spawn(process.execPath, [runner, ...args, '--seconds', long ? '3000' : '60']);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    await new Promise((resolve) => child.once('close', resolve));
    const last = output.trimEnd().split('\n').at(-1) ?? '';
    expect(last, output).toMatch(/^\{"event":"tally"/);
    const { fits, differs, servers: audited } = JSON.parse(last);
    if (long) console.log(last);
    expect(differs, output).toBe(0);
    expect(audited, output).toBe(Number(servers));
    expect(fits, output).toBeGreaterThan(Number(servers));
  });
});
