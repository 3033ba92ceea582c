import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { diagnose } from '../../src/diagnose/findings/diagnose.ts';
import type { Finding, FindingRow } from '../../src/diagnose/findings/finding.ts';
import { findings } from '../../src/diagnose/findings/index.ts';
import { minorReleases, parseVersion } from '../../src/policy/postfix/version.ts';
import { type CertificatePool, makeCertificates } from '../kinds/differential/certificates.ts';
import { credentialsOf } from './credentials.ts';
import { evidenceOf } from './evidence-of.ts';
import { type Section, sectionsText } from './findings-page.ts';
import { type Fixture, fixtures, type Part } from './fixture.ts';
import { namedFingerprints } from './named-fingerprints.ts';

/** CERTRELAY_WRITE=1 writes the sections anew, with the releases worked out for each finding. */
const writes = process.env.CERTRELAY_WRITE === '1';
const page = fileURLToPath(new URL('../../docs/findings.md', import.meta.url));
const marker =
  '<!-- The sections below are made from the registry and the fixtures; CERTRELAY_WRITE=1 makes them anew. -->\n';

const now = new Date();
let pool: CertificatePool;

beforeAll(async () => {
  pool = await makeCertificates(now);
});

async function found(part: Part): Promise<readonly Finding[]> {
  const evidence = await evidenceOf(
    part,
    (text) => namedFingerprints(text, pool),
    (lines) => credentialsOf(lines, pool, now, (bytes) => randomBytes(bytes)),
    now,
  );
  return diagnose(evidence);
}

/** The same for another release, with a compatibility level that the release can read. */
async function isFoundIn(minor: string, { id, parts }: Fixture): Promise<boolean> {
  const version = parseVersion(minor);
  if ('code' in version) throw new Error(version.message);
  const own = /^(?:- )?compatibility_level/m.test(parts.has.mainCf) || parts.has.mainCf.startsWith('= whole');
  const level = version.major === 2 ? '- compatibility_level\n' : version.minor < 6 ? 'compatibility_level = 2\n' : '';
  const part = { ...parts.has, postfix: version.text, mainCf: own ? parts.has.mainCf : `${parts.has.mainCf}${level}` };
  return (await found(part)).some((each) => each.id === id);
}

function rowsWithFixtures(): readonly { readonly row: FindingRow; readonly fixture: Fixture }[] {
  const all = new Map(fixtures().map((fixture) => [fixture.id, fixture]));
  return findings.flatMap((row) => {
    const fixture = all.get(row.id);
    return fixture === undefined ? [] : [{ row, fixture }];
  });
}

/** The releases that the page names for a finding. */
function written(text: string, id: string): readonly string[] {
  const section = text.split(/^## /m).find((each) => each.startsWith(`${id}\n`)) ?? '';
  const [, first = '', last = first] = /^- releases: (?:all, )?([\d.]+)(?: to ([\d.]+))?$/m.exec(section) ?? [];
  return minorReleases.slice(minorReleases.indexOf(first), minorReleases.indexOf(last) + 1);
}

const text = readFileSync(page, 'utf8');
const [head = '', sections = ''] = text.split(marker);

describe('docs/findings.md', () => {
  it('has a section for each finding, as registry and fixtures have it', { timeout: 300_000 }, async () => {
    const made: Section[] = [];
    for (const { row, fixture } of rowsWithFixtures()) {
      const first = (await found(fixture.parts.has)).find(({ id }) => id === row.id);
      if (first === undefined) throw new Error(`${row.id} is not found with its fixture`);
      const releases: string[] = [];
      for (const minor of writes ? minorReleases : []) if (await isFoundIn(minor, fixture)) releases.push(minor);
      made.push({ row, fixture, first, releases: writes ? releases : written(sections, row.id) });
    }
    const wanted = sectionsText(made, minorReleases);
    if (writes) writeFileSync(page, `${head}${marker}\n${wanted}`);
    else expect(sections).toBe(`\n${wanted}`);
  });

  it('names the releases at whose borders a finding comes and goes', { timeout: 120_000 }, async () => {
    for (const { fixture } of rowsWithFixtures()) {
      const releases = written(sections, fixture.id);
      const [first = '', last = ''] = [releases[0], releases.at(-1)];
      const before = minorReleases[minorReleases.indexOf(first) - 1];
      const after = minorReleases[minorReleases.indexOf(last) + 1];
      for (const minor of [first, last])
        expect(await isFoundIn(minor, fixture), `${fixture.id} in ${minor}`).toBe(true);
      for (const minor of [before, after])
        if (minor !== undefined) expect(await isFoundIn(minor, fixture), `${fixture.id} in ${minor}`).toBe(false);
    }
  });

  it('says of each trouble which finding shows it, or why none can', () => {
    const rows = [...head.matchAll(/^\| (\d+) \| (.+?) \| (.+?) \|$/gm)];
    expect(rows.map(([, number]) => Number(number))).toEqual(Array.from({ length: 34 }, (_, index) => index + 1));
    const ids = new Set(findings.map(({ id }) => id));
    for (const [, number, , answer = ''] of rows) {
      const linked = [...answer.matchAll(/\]\(#([\w-]+)\)/g)].map(([, id = '']) => id);
      expect(
        linked.filter((id) => !ids.has(id)),
        `trouble ${number}`,
      ).toEqual([]);
      expect(linked.length > 0 || answer.startsWith('none: '), `trouble ${number} has no answer`).toBe(true);
    }
  });
});
