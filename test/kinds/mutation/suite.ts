import type { Batch } from '../../../src/policy/policy.ts';
import { readRecordings, recorded, simulated } from '../recorded/recording.ts';
import { performed, readScripts, scenarioOf, transcriptOf } from '../scripts/play.ts';

/** A session of the quick suites, with the judgement that its test passes on it. */
export interface KnownSession {
  readonly name: string;
  /** True when its test would pass with what the simulator answers now. */
  passes(simulator: Batch): boolean;
}

/** The transcripts and the recorded sessions; those with the same server stand beside each other. */
export function knownSessions(tests: string): readonly KnownSession[] {
  return [...transcripts(`${tests}/kinds/scripts`), ...recordings(`${tests}/kinds/recorded`)];
}

function* transcripts(folder: string): Generator<KnownSession> {
  for (const [script, sessions] of readScripts(folder)) {
    for (const version of new Set(sessions.flatMap(({ versions }) => versions))) {
      for (const session of sessions) {
        if (!session.versions.includes(version)) continue;
        const scenario = scenarioOf(session, version);
        yield {
          name: `${script}, ${session.name}, Postfix ${version}`,
          passes(simulator) {
            const { expected, actual } = transcriptOf(session, version, performed(simulator.decide(scenario)));
            return expected.every((line, i) => line === actual[i]);
          },
        };
      }
    }
  }
}

function* recordings(folder: string): Generator<KnownSession> {
  for (const recording of readRecordings(folder).all) {
    const expected = recorded(recording);
    yield {
      name: `recorded session ${recording.scenario.id}, Postfix ${recording.version}`,
      passes(simulator) {
        const actual = simulated(simulator.decide(recording.scenario));
        return actual.length === expected.length && expected.every((line, i) => line === actual[i]);
      },
    };
  }
}
