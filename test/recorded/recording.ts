import { readFileSync } from 'node:fs';

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

const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const shared = JSON.parse(read('shared.json')) as Shared;

/** Every recorded session, once for each release that answered it. */
export const recordings: readonly Recording[] = read('sessions.jsonl')
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

/** The releases that were recorded. */
export const recordedVersions: Readonly<Record<string, string>> = shared.versions;
