import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { isRendered } from '../../../src/hosts/apply/check-folder.ts';

const golden = fileURLToPath(new URL('../../kinds/golden/rendered', import.meta.url));
const files = readdirSync(golden, { recursive: true, encoding: 'utf8' });

/** Names that are set in a kind of file of the golden trees. */
const named = (file: string, pattern: RegExp) =>
  new Set(
    files
      .filter((name) => name.endsWith(`/${file}`))
      .flatMap((name) =>
        [...readFileSync(join(golden, name), 'utf8').matchAll(pattern)].map(([, found = '']) => found),
      ),
  );

describe('what a folder may set', () => {
  it.each([
    ['main.cf', /^([a-z0-9_]+) =/gm, 30],
    ['master.cf', /-o ([a-z0-9_]+)=/g, 5],
  ] as const)('is everything that is rendered into %s', (file, pattern, least) => {
    const names = [...named(file, pattern)];
    expect(names.length).toBeGreaterThan(least);
    // A list that the host keeps is not set: it gets an element more, and which one is checked.
    const kept = file === 'main.cf' ? ['proxy_read_maps'] : [];
    expect(names.filter((name) => !isRendered(name, file))).toEqual(kept);
  });

  it.each(['mailbox_command', 'alias_maps', 'mydestination', 'relay_domains', 'smtpd_milters', 'xsmtpd_tls_loglevel'])(
    'is not %s',
    (name) => {
      expect(isRendered(name)).toBe(false);
      expect(isRendered(name, 'master.cf')).toBe(false);
    },
  );
});
