import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Evidence } from '../../src/diagnose/evidence/evidence.ts';
import { diagnose } from '../../src/diagnose/findings/diagnose.ts';
import type { Finding } from '../../src/diagnose/findings/finding.ts';
import { findings } from '../../src/diagnose/findings/index.ts';
import { evidenceWith } from '../../src/diagnose/repair/apply.ts';
import { type CertificatePool, makeCertificates } from '../kinds/differential/certificates.ts';
import { credentialsOf } from './credentials.ts';
import { evidenceOf } from './evidence-of.ts';
import { fixtures, type Part, partNames } from './fixture.ts';
import { namedFingerprints } from './named-fingerprints.ts';

const now = new Date();
/** Lower case but for names, and no full stop. */
const sentence = /^(?:[^A-Z]|TLS |Postfix |Red Hat ).*[^.]$/s;
let pool: CertificatePool;

beforeAll(async () => {
  pool = await makeCertificates(now);
});

const readings = new Map<Part, Promise<{ readonly evidence: Evidence; readonly found: readonly Finding[] }>>();

/** A part's evidence, and what is found with it; worked out once. */
function read(part: Part) {
  const before = readings.get(part);
  if (before !== undefined) return before;
  const reading = evidenceOf(
    part,
    (text) => namedFingerprints(text, pool),
    (lines) => credentialsOf(lines, pool, now, (bytes) => randomBytes(bytes)),
    now,
  ).then((evidence) => ({ evidence, found: diagnose(evidence) }));
  readings.set(part, reading);
  return reading;
}

const all = fixtures();

describe('the registry of findings', () => {
  it('finds nothing with a server and a client that are in order', async () => {
    const [first] = all;
    if (first === undefined) throw new Error('there are no fixtures');
    const plain = { ...first.parts.repaired, mainCf: '', clientMainCf: '', certificates: ['good.pem pool=good'] };
    expect((await read(plain)).found).toEqual([]);
  });

  it('has three fixtures for each finding, and no others', () => {
    expect(all.map(({ id }) => id)).toEqual(findings.map(({ id }) => id).sort());
  });

  it('has ids that are kebab-case and no two alike, and texts that end without a full stop', () => {
    const ids = findings.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, title } of findings) {
      expect(id).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
      expect(title).toMatch(sentence);
    }
  });
});

describe.each(all)('$id', ({ id, parts }) => {
  it('comes first where it is', async () => {
    const { found } = await read(parts.has);
    expect(
      found[0]?.id,
      JSON.stringify(
        found.map(({ id: each, message }) => [each, message]),
        null,
        1,
      ),
    ).toBe(id);
    for (const { message, why, repair } of found.filter((each) => each.id === id)) {
      for (const text of [message, why, repair]) expect(text).toMatch(sentence);
    }
  });

  it.each(partNames.slice(1))('is silent: %s', async (name) => {
    const { found } = await read(parts[name]);
    expect(found.filter((each) => each.id === id)).toEqual([]);
  });

  it('leaves no error behind when it is repaired', async () => {
    const { found } = await read(parts.repaired);
    expect(found.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it('is gone with each edit that it proposes', async () => {
    const { evidence, found } = await read(parts.has);
    const own = found.filter((each) => each.id === id);
    for (const edits of own.flatMap((finding) => finding.edits ?? [])) {
      const after = diagnose(evidenceWith(evidence, edits)).filter((each) => each.id === id);
      expect(after.length, JSON.stringify(edits)).toBeLessThan(own.length);
    }
  });
});
