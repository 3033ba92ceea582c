import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Batch } from '../../../src/policy/policy.ts';
import { performed, readScripts, scenarioOf, traced, transcriptOf } from './play.ts';

const scripts = readScripts(fileURLToPath(new URL('.', import.meta.url)));

describe('transcripts', () => {
  it('are here', () => expect(scripts.length).toBeGreaterThan(10));

  describe.each(scripts)('%s', (_, sessions) => {
    // A simulator for each release: sessions with one server stand beside each other, and it is compiled once.
    const simulators = new Map(sessions.flatMap(({ versions }) => versions).map((version) => [version, new Batch()]));
    for (const session of sessions) {
      it(session.name, () => {
        expect(session.versions).not.toHaveLength(0);
        expect(session.steps).not.toHaveLength(0);
        const played = session.versions.map((version) => {
          const batch = simulators.get(version) ?? new Batch();
          const scenario = scenarioOf(session, version);
          const answer = batch.decide(scenario);
          expect(traced(batch, scenario)).toEqual(answer);
          return { version, ...transcriptOf(session, version, performed(answer)) };
        });
        const wanted = played.map(({ version, expected }) => ({ version, transcript: expected }));
        expect(played.map(({ version, actual }) => ({ version, transcript: actual }))).toEqual(wanted);
      });
    }
  });
});
