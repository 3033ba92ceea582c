import type { decide } from '../../../src/policy/policy.ts';
import type { Played } from './real-server.ts';

type Decided = ReturnType<typeof decide>;

/** How the simulator's answer stands to what the real server did. */
export type Outcome =
  | { readonly kind: 'same' }
  | { readonly kind: 'unknown'; readonly missing: readonly string[] }
  | { readonly kind: 'different'; readonly real: readonly string[]; readonly ours: readonly string[] }
  /** The real server said nothing at all for too long, for this reason. */
  | { readonly kind: 'silent'; readonly reason: string };

/** Code, enhanced code and text of a refusal; of anything else the codes, for its text is no matter of policy. */
function line(stage: string, code: number, enhanced: string, text: string): string {
  if (code >= 400) return [stage, code, enhanced, text].filter((part) => part !== '').join(' ');
  return [stage, code, stage === 'mail' || stage === 'rcpt' ? enhanced : ''].filter((part) => part !== '').join(' ');
}

const died = 'the server dies';

export function realLines({ replies, fatal }: Pick<Played, 'replies' | 'fatal'>): readonly string[] {
  const said = replies.map(({ stage, code, enhanced, text }) => line(stage, code, enhanced, text));
  return fatal ? [...said, died] : said;
}

export function ourLines(answer: Decided): readonly string[] {
  if ('error' in answer) return [`error: ${answer.error.message}`];
  const said = answer.replies.map(({ stage, code, enhanced = '', text = '' }) => line(stage, code, enhanced, text));
  return answer.verdict === 'fatal' ? [...said, died] : said;
}

/** `early`: the client said everything at once. */
export function compare(
  played: Pick<Played, 'replies' | 'fatal' | 'silent'>,
  answer: Decided,
  early: boolean,
): Outcome {
  // A program that the server asks is dead: nobody hears what it would have said, and the simulator names the reason.
  if (played.silent !== undefined && namesReason(answer, played.silent)) return { kind: 'same' };
  if (played.silent !== undefined) return { kind: 'silent', reason: played.silent };
  if (!('error' in answer) && answer.verdict === 'unknown') return { kind: 'unknown', missing: answer.missing };
  const real = realLines(played);
  const ours = ourLines(answer);
  // Replies wait while commands do (RFC 2920), and those that wait are lost when the server dies or hangs up.
  if (early && endsAbruptly(answer) && played.fatal === (ours.at(-1) === died)) {
    const heard = played.fatal ? real.slice(0, -1) : real;
    if (isPrefix(heard, ours)) return { kind: 'same' };
  }
  return real.join('\n') === ours.join('\n') ? { kind: 'same' } : { kind: 'different', real, ours };
}

function namesReason(answer: Decided, reason: string): boolean {
  const last = /^[-a-z]+: (fatal: .*)/.exec(reason)?.[1];
  return last !== undefined && !('error' in answer) && answer.missing.some((missing) => missing.endsWith(`: ${last}`));
}

function endsAbruptly(answer: Decided): boolean {
  return 'error' in answer
    ? false
    : answer.verdict === 'fatal' || answer.effects.some(({ action }) => action === 'hangup');
}

function isPrefix(lines: readonly string[], of: readonly string[]): boolean {
  return lines.every((each, i) => each === of[i]);
}
