import type { Judge, Judgement } from '../../policy/identities/judge.ts';
import type { SessionInput } from '../../policy/identities/sessions.ts';
import { type Expectation, expectations, type Situation } from './expectations.ts';

/** The verification of one server: what the fragment was laid over, and each line of the table. */
export interface ServerVerification {
  readonly server: string;
  /** The service of its own that clients come to; absent: the server's usual one. */
  readonly service?: string;
  /** What the fragment was judged over, e.g. `stock main.cf of debian12`. */
  readonly base: string;
  readonly postfix: string;
  /** What the answer takes for granted, one clause each. */
  readonly assumptions: readonly string[];
  readonly rows: readonly Row[];
}

export type Outcome = 'met' | 'broken' | 'unknown';

/** One line of the verification table. */
export interface Row {
  readonly id: string;
  readonly doc: string;
  readonly wanted: Expectation['wanted'];
  readonly outcome: Outcome;
  /** How many sessions the line stands for. */
  readonly sessions: number;
  /** The session that shows it: the first that is not met, else the first. */
  readonly witness: { readonly who: string; readonly session: SessionInput; readonly judgement: Judgement };
  /** What the base, or the server before the step, says to the witness, where the line is compared with it. */
  readonly base?: Judgement;
}

/**
 * Judges the server with the fragment (`judge`) and without (`base`) on every expectation, by default those of any server.
 * A line without sessions (no client yet, nothing revoked) is left out.
 */
export function verify(
  situation: Situation,
  judge: Judge,
  base: Judge,
  wanted: readonly Expectation[] = expectations,
): readonly Row[] {
  return wanted.flatMap((expectation) => rowOf(expectation, situation, judge, base) ?? []);
}

function rowOf(expectation: Expectation, situation: Situation, judge: Judge, base: Judge): Row | undefined {
  const { id, doc, wanted } = expectation;
  const verdictOf = judge.verdict ?? ((session: SessionInput) => judge(session).verdict);
  let shown: Omit<Row, 'sessions'> | undefined;
  let count = 0;
  for (const { who, session } of expectation.sessions(situation)) {
    count++;
    const before = wanted === 'as-base' ? base(session) : undefined;
    const verdict = verdictOf(session);
    const outcome = before === undefined ? plain(wanted, verdict) : compared(verdict, before.verdict);
    if (shown !== undefined && severity[outcome] <= severity[shown.outcome]) continue;
    const witness = { who, session, judgement: judge(session) };
    shown = { id, doc, wanted, outcome, witness, ...(before === undefined ? {} : { base: before }) };
  }
  return shown === undefined ? undefined : { ...shown, sessions: expectation.standsFor?.(situation) ?? count };
}

const severity: Readonly<Record<Outcome, number>> = { met: 0, unknown: 1, broken: 2 };

function plain(wanted: Expectation['wanted'], verdict: Judgement['verdict']): Outcome {
  if (verdict === 'unknown') return 'unknown';
  // A server that dies refuses everybody, which is no way to refuse a stranger.
  if (verdict === 'fatal') return 'broken';
  return (verdict === 'permit') === (wanted === 'permit') ? 'met' : 'broken';
}

/** Whoever could before can now, and nobody else; with which code somebody is refused is the policy's own choice. */
function compared(now: Judgement['verdict'], before: Judgement['verdict']): Outcome {
  // A base with which no server starts served nobody, so there is nothing to keep.
  if (before === 'fatal') return now === 'fatal' ? 'broken' : 'met';
  if (now === 'unknown' || before === 'unknown') return 'unknown';
  return now === before ? 'met' : 'broken';
}

/** The verdict on all rows: broken before unknown before met. */
export function overall(rows: readonly Row[]): Outcome {
  return rows.reduce<Outcome>((worst, { outcome }) => (severity[outcome] > severity[worst] ? outcome : worst), 'met');
}
