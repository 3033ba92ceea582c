import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const src = fileURLToPath(new URL('../src', import.meta.url));
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const imports = new Map(files.map((file) => [file, importsOf(file)]));

interface Import {
  readonly target: string;
  readonly typeOnly: boolean;
  /** Loaded when it is needed, not with the file. */
  readonly lazy: boolean;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(src, file), 'utf8');
  const found = [...text.matchAll(/^(?:import|export)\s(type\s)?(?:[^'"]*?\sfrom\s+)?'([^']+)'/gm)].map((match) => ({
    target: match[2] ?? '',
    typeOnly: match[1] !== undefined,
    lazy: false,
  }));
  const lazy = [...text.matchAll(/\bimport\(\s*'([^']+)'\s*\)/g)].map((match) => ({
    target: match[1] ?? '',
    typeOnly: false,
    lazy: true,
  }));
  return [...found, ...lazy].map((one) => ({
    ...one,
    target: one.target.startsWith('.') ? relative(src, join(src, dirname(file), one.target)) : one.target,
  }));
}

/** The room of a project file is its folder below src; files directly in src are rooms of their own. */
const roomOf = (file: string) => (file.includes('/') ? (file.split('/')[0] ?? '') : file);

/** Who may import values from whom (docs/ARCHITECTURE.md); a room may always import from itself. */
const allowed: Readonly<Record<string, readonly string[] | 'any'>> = {
  'cli.ts': ['commands', 'lib', 'report'],
  'certrelay.ts': ['policy.ts', 'pki', 'lib'],
  'policy.ts': ['explore', 'smtpd', 'postfix', 'lib'],
  commands: 'any',
  wizard: ['inventory', 'lib', 'report', 'commands/set-up-options.ts'],
  rotation: ['verify', 'explore', 'smtpd', 'postfix', 'inventory', 'render', 'lib'],
  verify: ['explore', 'smtpd', 'postfix', 'lib'],
  diagnose: ['verify', 'explore', 'smtpd', 'postfix', 'render/diff.ts', 'lib'],
  explore: ['smtpd', 'postfix', 'lib'],
  smtpd: ['postfix', 'lib'],
  postfix: ['lib'],
  render: ['inventory', 'postfix', 'lib'],
  pki: ['inventory', 'lib'],
  inventory: ['postfix', 'lib'],
  host: ['lib'],
  database: ['inventory', 'lib'],
  probe: ['lib'],
  report: ['lib/text.ts', 'lib/stand-in-fingerprint.ts'],
  lib: [],
};

describe('the rooms', () => {
  for (const [file, targets] of imports) {
    const room = roomOf(file);
    it(`${file} imports only from where ${room} may`, () => {
      const rule = allowed[room];
      expect(rule, `no rule for the room "${room}"`).toBeDefined();
      const wrong = targets
        .filter(
          ({ target, typeOnly }) =>
            imports.has(target) && !(typeOnly && (room === 'report' || target.endsWith('types.ts'))),
        )
        .filter(({ target }) => roomOf(target) !== room && rule !== 'any')
        .filter(({ target }) => rule !== 'any' && !rule?.includes(roomOf(target)) && !rule?.includes(target));
      // Types of a row may be named anywhere; values may not.
      expect(
        wrong.filter(({ typeOnly }) => !typeOnly || roomOf(file) === 'smtpd' || roomOf(file) === 'postfix'),
      ).toEqual([]);
    });
  }

  it('nothing but cli.ts imports commands as values', () => {
    const wrong = files.filter(
      (file) =>
        !['commands', 'cli.ts'].includes(roomOf(file)) &&
        imports
          .get(file)
          ?.some(
            ({ target, typeOnly }) =>
              !typeOnly && roomOf(target) === 'commands' && target !== 'commands/set-up-options.ts',
          ),
    );
    expect(wrong).toEqual([]);
  });

  it('policy.ts reaches no Node API', () => {
    const seen = new Set<string>();
    const reach = (file: string): string[] => {
      if (seen.has(file)) return [];
      seen.add(file);
      return (imports.get(file) ?? []).flatMap(({ target, typeOnly }) =>
        typeOnly ? [] : imports.has(target) ? reach(target) : target.endsWith('.json') ? [] : [`${file}: ${target}`],
      );
    };
    expect(reach('policy.ts')).toEqual([]);
    expect(seen.size).toBeGreaterThan(20);
  });

  it.each([
    ['inquirer', 'wizard'],
    ['handlebars', 'render'],
    ['@peculiar/', 'pki'],
    ['pg', 'database'],
    ['node:child_process', 'host'],
    ['node:net', 'probe'],
    ['node:tls', 'probe'],
  ])('%s is used in %s only', (library, room) => {
    const users = files.filter((file) =>
      imports.get(file)?.some(({ target }) => target === library || target.startsWith(library)),
    );
    expect(users.filter((file) => roomOf(file) !== room)).toEqual([]);
  });

  it('the file system is touched in commands and lib/files only', () => {
    const users = files.filter((file) => imports.get(file)?.some(({ target }) => /^node:fs/.test(target)));
    expect(users.filter((file) => roomOf(file) !== 'commands' && !/^lib\/files/.test(file))).toEqual([]);
  });

  it('the clock and randomness are read at the edge only', () => {
    const users = files.filter((file) =>
      /\bnew Date\(\)|\bDate\.now\(|\bMath\.random\(|\brandomBytes\(/.test(readFileSync(join(src, file), 'utf8')),
    );
    expect(users.filter((file) => !['cli.ts', 'commands'].includes(roomOf(file)))).toEqual([]);
  });

  it('only cli.ts prints errors or ends the process', () => {
    const users = files.filter((file) => /\bconsole\.|process\.exit/.test(readFileSync(join(src, file), 'utf8')));
    expect(users).toEqual(['cli.ts']);
  });

  it('no file needs itself by way of others', () => {
    const done = new Set<string>();
    const loopFrom = (file: string, way: readonly string[]): readonly string[] => {
      if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
      if (done.has(file)) return [];
      for (const { target, typeOnly, lazy } of imports.get(file) ?? []) {
        const loop = typeOnly || lazy || !imports.has(target) ? [] : loopFrom(target, [...way, file]);
        if (loop.length > 0) return loop;
      }
      done.add(file);
      return [];
    };
    expect(files.flatMap((file) => loopFrom(file, []))).toEqual([]);
  });

  it('no file is a hall', () => {
    const long = files.filter((file) => readFileSync(join(src, file), 'utf8').split('\n').length > 301);
    expect(long).toEqual([]);
  });

  it('no utils, no empty folder names', () => {
    expect(files.filter((file) => /util|helper|misc|common/i.test(file))).toEqual([]);
    expect(
      readdirSync(src).filter(
        (name) => statSync(join(src, name)).isDirectory() && readdirSync(join(src, name)).length === 0,
      ),
    ).toEqual([]);
  });
});
