import { describe, expect, it } from 'vitest';
import { type Answer, decide } from '../../src/policy.ts';
import { type Recording, recordedVersions, recordings } from './recording.ts';

/** A reply as far as it was recorded. */
function line([stage, code, enhanced, text]: readonly [string, number, string, string]): string {
  return code < 400 ? `${stage} ${code}` : `${stage} ${code} ${enhanced} ${text}`;
}

function recorded({ replies }: Recording): readonly string[] {
  return replies === 'fatal' ? ['the server does not start'] : replies.map(line);
}

function simulated(answer: Answer): readonly string[] {
  if (answer.verdict === 'fatal') return ['the server does not start'];
  if (answer.verdict === 'unknown') return [`unknown: ${answer.missing.join(', ')}`];
  return answer.replies.map(({ stage, code, enhanced = '', text = '' }) => line([stage, code, enhanced, text]));
}

describe('sessions played to real Postfix', () => {
  for (const [version, exact] of Object.entries(recordedVersions)) {
    const sessions = recordings.filter((recording) => recording.version === version);

    it(`Postfix ${exact} gave the same ${sessions.length} answers`, () => {
      expect(sessions.length).toBeGreaterThan(200);
      const differences = sessions.flatMap((recording) => {
        const answer = decide(recording.scenario);
        const ours = 'error' in answer ? [`error: ${answer.error.message}`] : simulated(answer);
        const theirs = recorded(recording);
        return JSON.stringify(ours) === JSON.stringify(theirs) ? [] : [{ id: recording.scenario.id, theirs, ours }];
      });
      expect(differences).toEqual([]);
    });
  }
});
