import { beforeAll, describe, expect, it } from 'vitest';
import { decide } from '../../src/policy/policy.ts';
import { type CertificatePool, makeCertificates } from '../kinds/differential/certificates.ts';
import { ourLines } from '../kinds/differential/compare.ts';
import { scenarioOf } from '../kinds/differential/scenario.ts';
import { fixtures, partNames } from './fixture.ts';
import { caseOf } from './played-part.ts';

let pool: CertificatePool;

beforeAll(async () => {
  pool = await makeCertificates(new Date());
});

const played = fixtures().flatMap(({ session, ...fixture }) =>
  session === undefined ? [] : [{ ...fixture, session }],
);

describe('what real Postfix answered to the fixtures', () => {
  it('was recorded for every one that has a session, before and after the repair', () => {
    for (const { id, parts } of played)
      for (const name of partNames) expect(Object.keys(parts[name].replies), `${id}, ${name}`).toContain('3.7.11');
    expect(played.length).toBeGreaterThan(20);
  });

  it.each(played)('$id: the simulator answers the same', ({ parts, session }) => {
    for (const name of partNames) {
      for (const [version, replies] of Object.entries(parts[name].replies)) {
        const scenario = scenarioOf(caseOf(parts[name], session, pool), version);
        expect(ourLines(decide(scenario)).join('\n'), `${name}, Postfix ${version}`).toBe(replies);
      }
    }
  });

  it.each(played)('$id: the repair changes the answer', ({ parts }) => {
    const versions = Object.keys(parts.has.replies);
    const changed = versions.filter((version) => parts.has.replies[version] !== parts.repaired.replies[version]);
    expect(changed).toContain('3.7.11');
  });
});
