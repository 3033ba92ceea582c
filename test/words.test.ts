import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { commandGroups, commands } from '../src/cli/commands/index.ts';
import { parseCommandLine } from '../src/cli/program.ts';

/**
 * Words that the project does not use, and what to write instead. Names are read as their parts: `ownService` and
 * `own-service.ts` are both `own-service`. Line breaks in comments count as spaces.
 */
const replacements: readonly (readonly [pattern: string, write: string])[] = [
  ['own-services?|services? of (?:its|their|your|my) own', 'dedicated service, --dedicated-port'],
  ['certrelay init [^`\'"]*--service', '--dedicated-port'],
  ['befriend(?:s|ed|ing)?|friendly', 'assume a permissive world, permissive'],
  ['turncoats?', 'clients becoming servers'],
  ['(?:half-)?born|births?|unadmitted', 'issued, issued but not admitted, "issuing was interrupted"'],
  ['settle|settles|settled|settling', 'apply a step, its result; decide'],
  ['manners?', 'options of a step'],
  ['deeds?', 'step handler'],
  ['wish|wishes|wished', 'request, options'],
  ['circumstances?', 'what each is: context, details'],
  ['suppose-(?:permit|reject)-deferred', 'deferIfPermit, deferIfReject'],
  ['untold', 'cannot be enumerated'],
  ['cast|seats?|players?(?!-context)', 'player context, program slot, path facts'],
  ['stand-ins?', 'representative session; placeholder'],
  ['ways|ways? in|takes? (?:a|this|that|one) way', 'path'],
  ['at-least-as-grave|grave|graver|gravest|gravity', 'severity'],
  ['strays?', 'positionals that an option took: reclaimPositionals'],
  ["strangers?(?:'s)?", 'unlisted client, unlisted certificate'],
  ['stretch|stretches', 'list segment'],
  ['cabinets?', 'table cache'],
  ['succession', 'certificates of a holder'],
  ['lacking', 'hosts not installed since'],
  ['handed', 'staged; given'],
  ['certrelay_well', 'certrelay_healthy'],
  ['lifetime-cut', 'lifetime-clamped'],
  ['apply-in-vain', 'apply-ineffective'],
  ['is no parameter of', 'Postfix X.Y has no parameter "…"'],
  ['as if all were well', 'and still exits 0'],
  ['which is a guess', 'assumed: nothing given names …'],
  ['the better one', '(recommended)'],
  ['says nothing beside', 'has no effect with'],
  ['so that who reads', 'so a reader can see'],
  ['put right', 'corrected, repaired'],
  ['the two part|parted', 'where they differ'],
  ['foretold', 'predicted'],
  ['mail would go round', 'mail would loop'],
  ['nobody else gets in', 'say who can relay, and what every other session gets'],
  ['told by content', 'detected by content'],
  ['at home:', 'Shell integration:'],
  ['make a set-up, and keep it:', 'Set up and maintain:'],
  ['whomever|him who|is none that|of which nobody', 'a plain main clause'],
  ['knows? no', 'does not know'],
];

const root = new URL('../', import.meta.url);
const listed = new URL('words.exceptions.json', import.meta.url);
/**
 * `shrink`: writes test/words.exceptions.json anew. No pattern gets more than it had in all, so a file may be renamed or
 * split, but nothing is added.
 */
const shrinking = process.env.CERTRELAY_WORDS === 'shrink';

/** By pattern and file, how often it is still there. */
type Counts = Record<string, Record<string, number>>;

let exceptions: Counts = JSON.parse(readFileSync(listed, 'utf8'));

function filesOf(folder: string): readonly string[] {
  const entries = readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' });
  return entries.filter((name) => /\.(?:ts|js|hbs)$/.test(name)).map((name) => `${folder}/${name}`);
}

/** `withoutPlaceholders` as `without-Stand-Ins`, comments without their line starts, and one space for each line break. */
function split(text: string): string {
  return text
    .replace(/(?<=[a-z0-9])(?=[A-Z])/g, '-')
    .replace(/[ \t]*\n[ \t]*(?:\/\/|\*(?!\/)|#)?[ \t]*/g, ' ')
    .toLowerCase();
}

/** The help of certrelay and of each command, as wide as it likes, as `certrelay COMMAND --help` prints it. */
function helpTexts(): readonly (readonly [string, string])[] {
  return [[], ...commands.map(({ name }) => [name])].map((words) => {
    let text = '';
    const write = (more: string): void => {
      text += more;
    };
    const stream = { write, isTTY: false, columns: 10_000 };
    parseCommandLine([...words, '--help'], commandGroups, {
      ...{ stdout: stream, stderr: stream, env: {}, cwd: fileURLToPath(root) },
      stdin: { isTTY: false, text: async () => '', lines: async function* () {} },
      now: () => new Date(0),
      random: (bytes) => new Uint8Array(bytes),
    });
    return [`${['certrelay', ...words].join(' ')} --help`, text] as const;
  });
}

function found(pattern: string, texts: ReadonlyMap<string, string>): Record<string, number> {
  // A part of a name stands between hyphens, so a hyphen ends a word here.
  const expression = new RegExp(`(?<![a-z0-9])(?:${pattern})(?![a-z0-9])`, 'g');
  return Object.fromEntries(
    [...texts].flatMap(([file, text]) => {
      const count = text.match(expression)?.length ?? 0;
      return count === 0 ? [] : [[file, count]];
    }),
  );
}

const files = [...filesOf('src'), ...filesOf('templates')];
const texts: ReadonlyMap<string, string> = new Map([
  ...files.map((file) => [file, split(`${file}\n${readFileSync(new URL(file, root), 'utf8')}`)] as const),
  ...helpTexts().map(([name, text]) => [name, split(text)] as const),
]);
const all: Counts = Object.fromEntries(replacements.map(([pattern]) => [pattern, found(pattern, texts)]));

if (shrinking) {
  const sum = (counts: Record<string, number> = {}) => Object.values(counts).reduce((a, b) => a + b, 0);
  const shrunk = Object.entries(all).flatMap(([pattern, counts]) => {
    const before = exceptions[pattern] ?? {};
    const isLess = sum(counts) <= sum(before);
    const kept = Object.entries(counts)
      .map(([file, count]) => [file, isLess ? count : Math.min(count, before[file] ?? 0)] as const)
      .filter(([, count]) => count > 0)
      .sort(([one], [other]) => (one < other ? -1 : 1));
    return kept.length === 0 ? [] : [[pattern, Object.fromEntries(kept)]];
  });
  exceptions = Object.fromEntries(shrunk);
  writeFileSync(listed, `${JSON.stringify(exceptions, undefined, 2)}\n`);
}

describe('the words of names, comments, messages, help and templates', () => {
  it.each(replacements)('no new "%s": write %s', (pattern, write) => {
    const more = Object.entries(all[pattern] ?? {}).filter(([file, n]) => n > (exceptions[pattern]?.[file] ?? 0));
    const said = more.map(([file, n]) => `${file}: ${n} times, ${exceptions[pattern]?.[file] ?? 0} allowed`);
    expect(said, `instead of "${pattern}" write: ${write}`).toEqual([]);
  });

  it('allow no more than is there (CERTRELAY_WORDS=shrink lowers test/words.exceptions.json)', () => {
    const idle = Object.entries(exceptions).flatMap(([pattern, counts]) =>
      Object.entries(counts).flatMap(([file, allowed]) => {
        const count = all[pattern]?.[file] ?? 0;
        return count < allowed ? [`${pattern} in ${file}: ${allowed} allowed, ${count} found`] : [];
      }),
    );
    expect(idle).toEqual([]);
  });

  it('are found in names, across lines, and as words only', () => {
    const count = (pattern: string, text: string) => found(pattern, new Map([['a', split(text)]])).a ?? 0;
    expect(count('own-services?', 'hasOwnService ownServiceOf own-service.ts brown-service')).toBe(3);
    expect(count('the two part', '// where the\n// two part\n * the two\n * parts')).toBe(1);
    expect(count('cast', 'broadcast Cast cast.of')).toBe(2);
  });
});
