import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const src = join(root, 'src');
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const texts = new Map(files.map((file) => [file, readFileSync(join(src, file), 'utf8')]));

interface Import {
  /** A file below src/, or the name of a package. */
  readonly target: string;
  readonly typeOnly: boolean;
  /** Loaded when it is needed, not with the file. */
  readonly lazy: boolean;
}

const imports = new Map([...texts].map(([file, text]) => [file, importsOf(file, text)]));

function importsOf(file: string, text: string): Import[] {
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
    target: one.target.startsWith('.') ? posix.join(dirname(file), one.target) : one.target,
  }));
}

/** What does not hold yet. This list may only shrink: an entry that is not needed any more fails the test, too. */
const remaining: Record<'wings' | 'folders' | 'circles', string[]> = JSON.parse(
  readFileSync(join(root, 'test/architecture.remaining.json'), 'utf8'),
);

const inProject = ({ target }: Import) => imports.has(target);
const wingOf = (file: string) => file.split('/')[0] ?? '';
const placeIn = (file: string) => file.split('/')[1] ?? '';

/** The rows of the table in docs/ARCHITECTURE.md below the heading, as lists of cells without their backquotes. */
function tableBelow(heading: string): string[][] {
  const document = readFileSync(join(root, 'docs/ARCHITECTURE.md'), 'utf8');
  const section = document.split(`## ${heading}\n`)[1]?.split(/^## /m)[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  expect(rows.length, `a table below "${heading}"`).toBeGreaterThan(3);
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.replaceAll('`', '').trim()),
  );
}

const list = (cell: string | undefined) =>
  (cell ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== '-');

interface Wing {
  readonly name: string;
  /** Wings, or folders of wings, that it may import from. */
  readonly below: readonly string[];
  /** Its folders, each of which may import from those before it. */
  readonly folders: readonly string[];
}

const wings: readonly Wing[] = tableBelow('Who may import whom').map(([name, , below, folders]) => ({
  name: (name ?? '').replace(/\/$/, ''),
  below: list(below),
  folders: list(folders),
}));
const wingNamed = (name: string) => wings.find((wing) => wing.name === name);
const only = tableBelow('What is used in one place only').map(([library, places]) => ({
  library: library ?? '',
  places: list(places),
}));

const isBelow = (path: string, place: string) => path === place || path.startsWith(`${place.replace(/\/$/, '')}/`);

function wrongImports(isWrong: (file: string, one: Import) => boolean): string[] {
  return files
    .flatMap((file) =>
      (imports.get(file) ?? []).filter((one) => isWrong(file, one)).map(({ target }) => `${file} -> ${target}`),
    )
    .sort();
}

it('the table of wings names every wing, and every folder that has an order', () => {
  expect(wings.map(({ name }) => name).sort()).toEqual([...new Set(files.map(wingOf))].sort());
  for (const { name, folders } of wings.filter((wing) => wing.folders.length > 0)) {
    const places = new Set(files.filter((file) => wingOf(file) === name).map(placeIn));
    expect([...folders].sort(), name).toEqual([...places].sort());
  }
});

it('imports point downward from wing to wing, types included', () => {
  const wrong = wrongImports((file, one) => {
    const [from, to] = [wingOf(file), wingOf(one.target)];
    if (!inProject(one) || from === to) return false;
    if (from === 'report' && one.typeOnly) return false;
    return !wingNamed(from)?.below.some((place) => isBelow(one.target, place));
  });
  expect(wrong).toEqual(remaining.wings);
});

it('inside a wing, imports point to folders that stand before the own one', () => {
  const wrong = wrongImports((file, one) => {
    const wing = wingNamed(wingOf(file));
    if (!inProject(one) || wing === undefined || wingOf(one.target) !== wing.name || wing.folders.length === 0)
      return false;
    return wing.folders.indexOf(placeIn(one.target)) > wing.folders.indexOf(placeIn(file));
  });
  expect(wrong).toEqual(remaining.folders);
});

it('no file needs itself by way of others, types included', () => {
  expect(
    circles()
      .map((circle) => circle.join(' '))
      .sort(),
  ).toEqual(remaining.circles);
});

/** The strongly connected components of more than one file (Tarjan's algorithm), each sorted. */
function circles(): string[][] {
  const found: string[][] = [];
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const visit = (file: string) => {
    const own = index.size;
    index.set(file, own);
    low.set(file, own);
    stack.push(file);
    for (const { target } of (imports.get(file) ?? []).filter(inProject)) {
      if (!index.has(target)) visit(target);
      if (stack.includes(target)) low.set(file, Math.min(low.get(file) ?? own, low.get(target) ?? own));
    }
    if (low.get(file) !== own) return;
    const component = stack.splice(stack.indexOf(file));
    if (component.length > 1) found.push(component.sort());
  };
  for (const file of files) if (!index.has(file)) visit(file);
  return found;
}

it('the policy, and what it stands on, needs no Node API', () => {
  const seen = new Set<string>();
  const reach = (file: string): string[] => {
    if (seen.has(file)) return [];
    seen.add(file);
    return (imports.get(file) ?? []).flatMap(({ target, typeOnly }) => {
      if (typeOnly || target.endsWith('.json')) return [];
      return imports.has(target) ? reach(target) : [`${file}: ${target}`];
    });
  };
  expect(files.filter((file) => wingOf(file) === 'policy').flatMap(reach)).toEqual([]);
  expect(seen.size).toBeGreaterThan(100);
});

it('what one place is for is used nowhere else', () => {
  for (const { library, places } of only) {
    const users = files.filter((file) =>
      imports
        .get(file)
        ?.some(({ target }) => target === library || (library.endsWith('/') && target.startsWith(library))),
    );
    expect(users.length, `${library} is used`).toBeGreaterThan(0);
    expect(users.filter((file) => !places.some((place) => isBelow(file, place)))).toEqual([]);
  }
});

it('the clock and randomness are read in cli and main.ts only', () => {
  const users = [...texts].filter(([, text]) =>
    /\bnew Date\(\)|\bDate\.now\(|\bMath\.random\(|\brandomBytes\(/.test(text),
  );
  expect(users.map(([file]) => file).filter((file) => !['main.ts', 'cli'].includes(wingOf(file)))).toEqual([]);
});

it('only main.ts prints errors or ends the process', () => {
  const users = [...texts].filter(([, text]) => /\bconsole\.|process\.exit/.test(text));
  expect(users.map(([file]) => file)).toEqual(['main.ts']);
});

it('a file has at most 300 lines', () => {
  expect([...texts].filter(([, text]) => text.split('\n').length > 301).map(([file]) => file)).toEqual([]);
});

/** Kinds of files that are rows of a table: each stands by itself, however short it is. */
const rows: readonly (readonly [folder: string, kind: string])[] = [
  ['cli/commands', 'a command with its options'],
  ['diagnose/findings', 'a finding'],
  ['hosts/apply/handlers', 'a kind of step'],
  ['policy/explore/lines', 'a line of the exploration'],
  ['policy/postfix/presets', 'the defaults of a distribution'],
  ['policy/postfix/tables/types', 'a table type'],
  ['policy/smtpd/restrictions', 'a restriction'],
];

it('a file of at most 45 lines has more than one importer, is a row, or is loaded lazily', () => {
  const wrong = files.filter((file) => {
    if ((texts.get(file) ?? '').split('\n').length > 46) return false;
    if (rows.some(([folder]) => dirname(file) === folder)) return false;
    const users = [...imports.values()].map((all) => all.filter(({ target }) => target === file));
    const importers = users.filter((found) => found.length > 0);
    return importers.length === 1 && importers.flat().some(({ lazy }) => !lazy);
  });
  // This list may only shrink; what it names and is folded or has grown can be taken out.
  const known: string[] = JSON.parse(readFileSync(join(root, 'test/architecture.small-files.json'), 'utf8'));
  expect(wrong.sort()).toEqual(known);
});

it('a folder holds at most 30 files', () => {
  const count = new Map<string, number>();
  for (const file of files) count.set(dirname(file), (count.get(dirname(file)) ?? 0) + 1);
  expect([...count].filter(([, many]) => many > 30)).toEqual([]);
});

it('names say what a file is about', () => {
  expect(files.filter((file) => /util|helper|misc|common/i.test(file))).toEqual([]);
});
