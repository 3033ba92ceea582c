import { readdirSync, readFileSync } from 'node:fs';
import { decide } from '../../src/policy.ts';
import { readScript } from '../scripts/script.ts';

/** A session of the fast suites, with the answer that the unchanged simulator gives: the one its test asserts. */
export interface KnownSession {
  /** Everything of it in lower case, to find out what it could notice. */
  readonly text: string;
  readonly scenario: Readonly<Record<string, unknown>>;
  readonly answer: string;
}

function known(scenario: Readonly<Record<string, unknown>>): KnownSession {
  return { text: JSON.stringify(scenario).toLowerCase(), scenario, answer: answerTo(scenario) };
}

/** What a suite would see of an answer. */
export function answerTo(scenario: unknown): string {
  const answer = decide(scenario);
  if ('error' in answer) return `error: ${answer.error.message}`;
  const { verdict, replies, effects, missing } = answer;
  const seen = replies.map(({ stage, code, enhanced, text }) => [stage, code, enhanced, text]);
  return JSON.stringify([verdict, seen, effects.map(({ action }) => action), missing]);
}

interface RecordedLine {
  readonly scenario: {
    readonly mainCf: Readonly<Record<string, string>>;
    readonly session: { readonly tls: { readonly certificate: string | null } | null };
  };
  readonly answers: readonly { readonly by: readonly string[] }[];
}

interface SharedParts {
  readonly versions: Readonly<Record<string, string>>;
  readonly mainCf: Readonly<Record<string, string>>;
  readonly certificates: Readonly<Record<string, unknown>>;
}

/** The recorded sessions and the transcripts; `tests` is the folder of tests. */
export function knownSessions(tests: string): readonly KnownSession[] {
  return [...recorded(`${tests}/recorded`), ...transcripts(`${tests}/scripts`)];
}

function* recorded(folder: string): Generator<KnownSession> {
  const shared = JSON.parse(readFileSync(`${folder}/shared.json`, 'utf8')) as SharedParts;
  for (const line of readFileSync(`${folder}/sessions.jsonl`, 'utf8').trim().split('\n')) {
    const { scenario, answers } = JSON.parse(line) as RecordedLine;
    const { tls } = scenario.session;
    const certificate = tls === null || tls.certificate === null ? null : shared.certificates[tls.certificate];
    const session = { ...scenario.session, tls: tls === null ? null : { ...tls, certificate } };
    for (const version of answers.flatMap(({ by }) => by)) {
      yield known({
        ...scenario,
        mainCf: { ...shared.mainCf, ...scenario.mainCf },
        session,
        postfix: shared.versions[version],
      });
    }
  }
}

function* transcripts(folder: string): Generator<KnownSession> {
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.smtpd'))) {
    for (const session of readScript(readFileSync(`${folder}/${name}`, 'utf8'))) {
      for (const version of session.versions) yield known({ ...scenarioOf(session), postfix: version });
    }
  }
}

function scenarioOf(session: ReturnType<typeof readScript>[number]): Readonly<Record<string, unknown>> {
  return {
    mainCf: session.mainCf,
    masterCf: session.masterCf ?? null,
    tables: session.tables,
    ...session.world,
    session: session.session,
  };
}
