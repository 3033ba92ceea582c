import { readFileSync } from 'node:fs';
import type { decide } from '../../../src/policy/policy.ts';

type RecordedReply = readonly [stage: string, code: number, enhanced: string, text: string];

/** A session with what real servers answered; 2xx and 3xx replies were recorded by their code alone. */
export interface Recording {
  readonly version: string;
  readonly scenario: Readonly<Record<string, unknown>>;
  readonly replies: 'fatal' | readonly RecordedReply[];
}

interface Shared {
  /** The exact release behind each minor version. */
  readonly versions: Readonly<Record<string, string>>;
  /** What every configuration has beside its own settings. */
  readonly mainCf: Readonly<Record<string, string>>;
  readonly certificates: Readonly<Record<string, unknown>>;
}

interface Line {
  readonly scenario: {
    readonly mainCf: Readonly<Record<string, string>>;
    readonly session: { readonly tls: { readonly certificate: string | null } | null };
  };
  readonly answers: readonly { readonly by: readonly string[]; readonly replies: Recording['replies'] }[];
}

/** Sessions played to real servers. */
export interface Recordings {
  /** Every session, once for each release that answered it. */
  readonly all: readonly Recording[];
  /** The exact release behind each minor version that was recorded. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Reads the recordings that lie in a folder. */
export function readRecordings(folder: string): Recordings {
  const read = (name: string) => readFileSync(`${folder}/${name}`, 'utf8');
  const shared = JSON.parse(read('shared.json')) as Shared;
  const all = read('sessions.jsonl')
    .trim()
    .split('\n')
    .flatMap((text) => {
      const { scenario, answers } = JSON.parse(text) as Line;
      const { tls } = scenario.session;
      const certificate = tls === null || tls.certificate === null ? null : shared.certificates[tls.certificate];
      const full = {
        ...scenario,
        mainCf: { ...shared.mainCf, ...scenario.mainCf },
        session: { ...scenario.session, tls: tls === null ? null : { ...tls, certificate } },
      };
      return answers.flatMap(({ by, replies }) =>
        by.map((version) => ({ version, scenario: { ...full, postfix: shared.versions[version] }, replies })),
      );
    });
  return { all, versions: shared.versions };
}

/** What the real server answered, a line a reply as far as it was recorded. */
export function recorded({ replies }: Recording): readonly string[] {
  return replies === 'fatal' ? ['the server does not start'] : replies.map(line);
}

/** What the simulator answers, in the same lines. */
export function simulated(answer: ReturnType<typeof decide>): readonly string[] {
  if ('error' in answer) return [`error: ${answer.error.message}`];
  if (answer.verdict === 'fatal') return ['the server does not start'];
  if (answer.verdict === 'unknown') return [`unknown: ${answer.missing.join(', ')}`];
  return answer.replies.map(({ stage, code, enhanced = '', text = '' }) => line([stage, code, enhanced, text]));
}

function line([stage, code, enhanced, text]: RecordedReply): string {
  return code < 400 ? `${stage} ${code}` : `${stage} ${code} ${enhanced} ${text}`;
}
