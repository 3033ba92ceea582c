import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** One of the three states that a fixture shows. */
export interface Part {
  /** Postfix release of both sides. */
  readonly postfix: string;
  /** Lines that replace those of the base, or are added; `- name` takes one away; `= whole` starts from nothing. */
  readonly mainCf: string;
  readonly masterCf: string | undefined;
  readonly clientMainCf: string | undefined;
  readonly clientMasterCf: string | undefined;
  /** By path; they take the place of the base's. */
  readonly tables: Readonly<Record<string, string>>;
  readonly clientTables: Readonly<Record<string, string>>;
  readonly log: string | undefined;
  /** `types …` and `built TYPE PATH missing|same|lacks KEY`. */
  readonly live: string | undefined;
  /** `FILE side=… name=… …`, one a line. */
  readonly certificates: readonly string[];
  readonly withoutServer: boolean;
  /** What real Postfix answered to the fixture's session, by version. */
  readonly replies: Readonly<Record<string, string>>;
}

export const partNames = ['has', 'repaired', 'fine'] as const;
export type PartName = (typeof partNames)[number];

/** A finding shown three times: with it, after the repair, and where something looks like it and is fine. */
export interface Fixture {
  readonly id: string;
  readonly file: string;
  /** The comment at its head: what it shows, and what is fine in its third part. */
  readonly about: string;
  /** The client whose session shows what the repair changes: a name of the certificate pool, `none` or `plain`. */
  readonly session: string | undefined;
  readonly parts: Readonly<Record<PartName, Part>>;
}

const folder = fileURLToPath(new URL('../fixtures/findings/', import.meta.url));

/** Every fixture, in the order of their names. */
export function fixtures(): readonly Fixture[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.txt'))
    .sort()
    .map((name) => readFixture(name.slice(0, -4), `${folder}${name}`));
}

/**
 * Reads a fixture: parts at the margin, their blocks indented by two, the lines of a block by four. The fixture's own
 * `session CLIENT` stands before the parts.
 */
export function readFixture(id: string, file: string): Fixture {
  const text = readFileSync(file, 'utf8');
  const blocks = new Map<string, Map<string, string[]>>();
  let session: string | undefined;
  let part: Map<string, string[]> | undefined;
  let block: string[] | undefined;
  for (const line of text.split('\n')) {
    if (/^#|^\s*$/.test(line)) continue;
    const [, name] = /^(\w+):$/.exec(line) ?? [];
    const [, head, rest] = /^ {2}(\S[^:]*):(?: (.*))?$/.exec(line) ?? [];
    if (line.startsWith('session ')) session = line.slice('session '.length);
    else if (name !== undefined) {
      part = new Map();
      blocks.set(name, part);
    } else if (line.startsWith('    ')) block?.push(line.slice(4));
    else if (head !== undefined && part !== undefined) {
      block = rest === undefined ? [] : [rest];
      part.set(head, block);
    } else throw new Error(`${file}: "${line}" is neither a part nor a block`);
  }
  const unknown = [...blocks.keys()].filter((name) => !partNames.some((each) => each === name));
  if (unknown.length > 0) throw new Error(`${file}: no part is called ${unknown.join(', ')}`);
  const read = (name: PartName) => partOf(blocks.get(name), `${file}, ${name}`);
  const about = [...text.matchAll(/^# (.*)$/gm)].map(([, line = '']) => line).join('\n');
  return { id, file, about, session, parts: { has: read('has'), repaired: read('repaired'), fine: read('fine') } };
}

function partOf(blocks: ReadonlyMap<string, readonly string[]> | undefined, where: string): Part {
  if (blocks === undefined) throw new Error(`${where}: the part is missing`);
  const text = (name: string) =>
    blocks
      .get(name)
      ?.map((line) => `${line}\n`)
      .join('');
  const tables = (prefix: string) =>
    Object.fromEntries(
      [...blocks.keys()]
        .filter((name) => name.startsWith(`${prefix} /`))
        .map((name) => [name.slice(prefix.length + 1), text(name) ?? '']),
    );
  const replies = [...blocks.keys()].filter((name) => name.startsWith('reply '));
  const plain = [
    'postfix',
    'main.cf',
    'master.cf',
    'client main.cf',
    'client master.cf',
    'log',
    'live',
    'certificates',
    'without server',
  ];
  const odd = [...blocks.keys()].filter((name) => !plain.includes(name) && !/^(?:client )?table \/|^reply /.test(name));
  if (odd.length > 0) throw new Error(`${where}: no block is called ${odd.join(', ')}`);
  return {
    postfix: text('postfix')?.trim() ?? '3.7.11',
    mainCf: text('main.cf') ?? '',
    masterCf: text('master.cf'),
    clientMainCf: text('client main.cf'),
    clientMasterCf: text('client master.cf'),
    tables: tables('table'),
    clientTables: tables('client table'),
    log: text('log'),
    live: text('live'),
    certificates: blocks.get('certificates') ?? [],
    withoutServer: blocks.has('without server'),
    replies: Object.fromEntries(replies.map((name) => [name.slice('reply '.length), text(name)?.trimEnd() ?? ''])),
  };
}
