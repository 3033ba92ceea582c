import type { Finding, FindingRow } from '../../src/diagnose/findings/finding.ts';
import type { Fixture, Part } from './fixture.ts';

/** What a section tells beside the row itself: what was found with the fixture, and in which releases. */
export interface Section {
  readonly row: FindingRow;
  readonly fixture: Fixture;
  readonly first: Finding;
  /** Minor releases in which the fixture has the finding, oldest first. */
  readonly releases: readonly string[];
}

/** The sections of docs/findings.md, one a finding, in the order of the registry. */
export function sectionsText(sections: readonly Section[], minorReleases: readonly string[]): string {
  return sections.map((section) => sectionText(section, minorReleases)).join('\n');
}

function sectionText({ row, fixture, first, releases }: Section, minorReleases: readonly string[]): string {
  const { has, repaired, fine } = fixture.parts;
  const replies = repliesText(fixture);
  return `## ${row.id}

**${capital(row.title)}** (${first.severity}). ${row.doc}

It looks like this:

\`\`\`text
${shown(has)}
\`\`\`

- certrelay says: ${masked(first.message)}
- why: ${masked(first.why)}
- what to do: ${masked(first.repair)}
- ${releasesText(releases, minorReleases)}
${replies === '' ? '' : `- ${replies}\n`}
Repaired:

\`\`\`text
${shown(repaired) || 'as the configuration that the example is based on'}
\`\`\`

Looks like it and is fine: ${fineText(fixture)}

\`\`\`text
${shown(fine)}
\`\`\`
`;
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** Fingerprints differ from run to run; their names do not. */
function masked(text: string): string {
  return text
    .replace(/(?:[0-9A-Fa-f]{2}:){15,}[0-9A-Fa-f]{2}/g, '12:34:…:EF')
    .replace(/(?:[0-9A-Fa-f]{2}:){8,}[0-9A-Fa-f]?…/g, '12:34:…')
    .replace(/[0-9A-Fa-f]{30,}…?/g, '1234…')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '2025-01-01T00:00:00Z');
}

/** What a part has that the base has not, as files have it. */
function shown(part: Part): string {
  const blocks: string[] = [];
  const add = (name: string, text: string | undefined) => {
    if (text === undefined || text.trim() === '') return;
    blocks.push(
      `${name}:\n${text
        .trimEnd()
        .replace(/^- (\w+)$/gm, '# $1 is not set')
        .replace(/^/gm, '  ')}`,
    );
  };
  add('main.cf', part.mainCf);
  add('master.cf', part.masterCf);
  for (const [path, text] of Object.entries(part.tables)) add(path, text);
  add('main.cf of the client', part.clientMainCf);
  add('master.cf of the client', part.clientMasterCf);
  for (const [path, text] of Object.entries(part.clientTables)) add(`${path} of the client`, text);
  add('mail log', part.log);
  add('this host', part.live);
  add('certificates', part.certificates.map(certificateWords).join('\n'));
  return blocks.join('\n').replace(/@(\w+):(\w+):(\w+)@/g, (_, kind: string, name: string, digest: string) => {
    const of = kind === 'KEY' ? `the public key of ${name}` : name;
    const how = kind === 'BARE' ? ' without colons' : kind === 'LOWER' ? ' in lower case' : '';
    return `<${digest} fingerprint of ${of}${how}>`;
  });
}

function certificateWords(line: string): string {
  const [path, ...words] = line.split(' ');
  return `${path}: ${words
    .filter((word) => !/^(?:side|key)=/.test(word))
    .join(', ')
    .replaceAll('_', ' ')}`;
}

/** What the head of the fixture says of its third part. */
function fineText({ about }: Fixture): string {
  const fine = /Fine: (.*)/s.exec(about)?.[1];
  if (fine === undefined) throw new Error('a fixture that does not say what is fine');
  return fine.replaceAll('\n', ' ');
}

function releasesText(releases: readonly string[], all: readonly string[]): string {
  const [first] = releases;
  const last = releases.at(-1);
  if (first === undefined || last === undefined) throw new Error('a finding of no release');
  if (releases.length === all.length) return `releases: all, ${first} to ${last}`;
  return `releases: ${first === last ? first : `${first} to ${last}`}`;
}

/** What real Postfix said before and after, by the releases that said the same. */
function repliesText({ parts: { has, repaired } }: Fixture): string {
  const groups = new Map<string, string[]>();
  for (const version of Object.keys(has.replies)) {
    const last = (part: Part): string => part.replies[version]?.split('\n').at(-1) ?? '';
    const key = `before "${last(has)}", after "${last(repaired)}"`;
    groups.set(key, [...(groups.get(key) ?? []), version]);
  }
  return [...groups].map(([key, versions]) => `real Postfix ${versions.join(', ')}: ${key}`).join('; ');
}
