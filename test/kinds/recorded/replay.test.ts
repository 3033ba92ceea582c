import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Batch } from '../../../src/policy/policy.ts';
import { traced } from '../scripts/play.ts';
import { readRecordings, recorded, simulated } from './recording.ts';

const { all, versions } = readRecordings(fileURLToPath(new URL('.', import.meta.url)));

describe('sessions played to real Postfix', () => {
  for (const [version, exact] of Object.entries(versions)) {
    const sessions = all.filter((recording) => recording.version === version);

    const batch = new Batch();

    it(`Postfix ${exact} gave the same ${sessions.length} answers, traced or not`, () => {
      expect(sessions.length).toBeGreaterThan(200);
      const differences = sessions.flatMap((recording) => {
        const answer = batch.decide(recording.scenario);
        expect(traced(batch, recording.scenario)).toEqual(answer);
        const ours = simulated(answer);
        const theirs = recorded(recording);
        return JSON.stringify(ours) === JSON.stringify(theirs) ? [] : [{ id: recording.scenario.id, theirs, ours }];
      });
      expect(differences).toEqual([]);
    });
  }
});
