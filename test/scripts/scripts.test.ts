import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/policy.ts';
import { performed, readScripts, scenarioOf, transcriptOf } from './play.ts';

const scripts = readScripts(fileURLToPath(new URL('.', import.meta.url)));

describe('transcripts', () => {
  it('are here', () => expect(scripts.length).toBeGreaterThan(10));

  describe.each(scripts)('%s', (_, sessions) => {
    for (const session of sessions) {
      it.each(session.versions)(`${session.name}: Postfix %s`, (version) => {
        const { expected, actual } = transcriptOf(session, version, performed(decide(scenarioOf(session, version))));
        expect(expected.length).toBeGreaterThan(0);
        expect(actual).toEqual(expected);
      });
    }
  });
});
