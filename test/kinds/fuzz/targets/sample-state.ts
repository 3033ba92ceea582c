import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SampleState {
  readonly ledger: Buffer;
  readonly inventory: Buffer;
  /** PEM files, and one in DER. */
  readonly certificates: readonly Buffer[];
  readonly keys: readonly Buffer[];
}

let made: SampleState | undefined;

/** What the program itself makes: a server and two clients, one of them revoked. `tests` is the folder of tests. */
export function sampleState(tests: string): SampleState {
  if (made !== undefined) return made;
  const folder = mkdtempSync(join(tmpdir(), 'certrelay-fuzz-'));
  try {
    const out = join(folder, 'out');
    const certrelay = (...args: readonly string[]) => {
      const { status, stderr } = spawnSync(process.execPath, [join(tests, '../dist/cli.js'), ...args, '--out', out], {
        encoding: 'utf8',
      });
      if (status !== 0) throw new Error(`${args[0]} ended with ${status}: ${stderr}`);
    };
    certrelay('init', '--yes', '--server', 's.example.com', '--client', 'a.example.com', 'b.example.com');
    certrelay('remove', 'b.example.com', '--yes');
    const files = readdirSync(out, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
    const pem = (label: string) => files.filter((bytes) => bytes.includes(`-----BEGIN ${label}-----`));
    const certificates = pem('CERTIFICATE');
    made = {
      ledger: readFileSync(join(out, 'ledger.jsonl')),
      inventory: readFileSync(join(out, 'inventory.json')),
      certificates: [...certificates, ...certificates.slice(0, 1).map(derOf)],
      keys: pem('PRIVATE KEY'),
    };
    return made;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function derOf(pem: Buffer): Buffer {
  const [, base64 = ''] = /-----BEGIN CERTIFICATE-----([^-]*)/.exec(pem.toString('latin1')) ?? [];
  return Buffer.from(base64, 'base64');
}
