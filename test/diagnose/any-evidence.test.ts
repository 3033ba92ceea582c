import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { diagnose } from '../../src/diagnose/findings/diagnose.ts';
import { isOffered } from '../../src/diagnose/repair/repair.ts';
import { repairs } from '../../src/diagnose/repair/repairs.ts';
import { minorReleases, parseVersion } from '../../src/policy/postfix/version.ts';
import { type CertificatePool, makeCertificates } from '../kinds/differential/certificates.ts';
import { credentialsOf } from './credentials.ts';
import { evidenceOf } from './evidence-of.ts';
import { fixtures, type Part } from './fixture.ts';
import { namedFingerprints } from './named-fingerprints.ts';

const now = new Date();
let pool: CertificatePool;

beforeAll(async () => {
  pool = await makeCertificates(now);
});

const parts = fixtures().map((fixture) => fixture.parts.has);

/** Several things wrong at once, in any release; values that are cut short, and certificates that fit nothing. */
const anything = fc
  .tuple(
    fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength: 4 }),
    fc.constantFrom(...minorReleases),
    fc.nat(400),
  )
  .map(([chosen, minor, length]): Part => {
    const [first] = chosen;
    const version = parseVersion(minor);
    if (first === undefined || 'code' in version) throw new Error('nothing was chosen');
    const log = chosen.map((part) => part.log ?? '').join('');
    return {
      ...first,
      postfix: version.text,
      mainCf: chosen
        .map((part) => part.mainCf)
        .join('')
        .slice(0, 200 + length),
      masterCf: chosen.find((part) => part.masterCf !== undefined)?.masterCf,
      clientMainCf: chosen.find((part) => part.clientMainCf !== undefined)?.clientMainCf,
      tables: Object.assign({}, ...chosen.map((part) => part.tables)),
      clientTables: Object.assign({}, ...chosen.map((part) => part.clientTables)),
      log: log === '' ? undefined : log,
      live: chosen.find((part) => part.live !== undefined)?.live,
      certificates: chosen.find((part) => part.certificates.length > 0)?.certificates ?? [],
    };
  });

describe('any evidence', () => {
  it('has findings that say what, why and what to do, and repairs that open nothing', {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(anything, async (part) => {
        const evidence = await evidenceOf(
          part,
          (text) => namedFingerprints(text, pool),
          (lines) => credentialsOf(lines, pool, now, (bytes) => randomBytes(bytes)),
          now,
        );
        const found = diagnose(evidence);
        for (const { message, why, repair, where } of found) {
          for (const text of [message, why, repair]) expect(text).toMatch(/^\S.*[^.\s]$/s);
          if (where !== undefined) expect(Math.min(where.line, where.column)).toBeGreaterThanOrEqual(1);
        }
        for (const each of repairs(evidence, found)) {
          expect(each.commands.length).toBeGreaterThan(0);
          expect(each.diff).toMatch(/^--- /);
          if (isOffered(each)) expect(each.letsIn).toEqual([]);
          expect(each.sessions.every(({ before, after }) => before !== after)).toBe(true);
        }
      }),
      { numRuns: Number(process.env.CERTRELAY_RUNS ?? 40) },
    );
  });
});
