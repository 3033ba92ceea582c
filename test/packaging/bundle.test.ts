import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = new URL('../..', import.meta.url);

describe('the bundle', () => {
  it('adds nothing to global objects, and the certificate library works in it', () => {
    const script = `
      const names = () => [globalThis, Reflect, Object, Array, String, Promise, Object.prototype, Array.prototype]
        .map((each) => Reflect.ownKeys(each).map(String).join(' '));
      const before = names();
      const certrelay = await import(process.argv[1]);
      const { certificates } = certrelay.inspect(new TextEncoder().encode(process.argv[2]), 'a');
      console.log(JSON.stringify({ same: names().join() === before.join(), names: certificates[0]?.names }));`;
    const certificate = spawnSync(
      'openssl',
      'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -subj /CN=a -addext subjectAltName=DNS:a.example.com -days 1'.split(
        ' ',
      ),
      { encoding: 'utf8' },
    ).stdout;
    const library = fileURLToPath(new URL('dist/certrelay.js', root));
    const ran = spawnSync(process.execPath, ['--input-type=module', '-e', script, library, certificate], {
      encoding: 'utf8',
    });
    expect([ran.stderr, JSON.parse(ran.stdout || '{}')]).toEqual(['', { same: true, names: ['a.example.com'] }]);
  });

  it('comes with the text of every licence', () => {
    const parts = readFileSync(new URL('dist/LICENCES.txt', root), 'utf8')
      .split(`\n${'-'.repeat(78)}\n`)
      .slice(1);
    expect(parts.length).toBeGreaterThan(50);
    expect(parts.filter((part) => part.trim().length < 300)).toEqual([]);
    for (const name of ['pg-types', 'pgpass']) {
      expect(parts.find((part) => part.startsWith(`${name} `))).toMatch(
        /Copyright \(c\)[\s\S]*Permission is hereby granted/,
      );
    }
  });
});
