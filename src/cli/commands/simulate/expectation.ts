import { exitCodes, usage } from '../../../lib/problem.ts';
import { decisiveReply, type Verdict } from '../../../policy/smtpd/lists/verdict.ts';
import type { Options } from '../../command.ts';

/** The exit code of a verdict, or of how it meets `--expect`. */
export function exitOf(verdict: Verdict, expect: Options[string]): number {
  if (verdict.verdict === 'unknown') return exitCodes.unknown[0];
  if (typeof expect === 'string') return met(verdict, expect) ? exitCodes.done[0] : exitCodes.denied[0];
  return verdict.verdict === 'permit' ? exitCodes.done[0] : exitCodes.denied[0];
}

/** Refuses an expectation that no verdict can meet, before anything is simulated. */
export function checkExpectation(expect: Options[string]): void {
  if (typeof expect !== 'string' || expect === 'permit' || expect === 'reject' || /^[2-5]\d\d$/.test(expect)) return;
  throw usage(
    'expect-syntax',
    `--expect "${expect}" is neither "permit" nor "reject" nor a reply code`,
    'e.g. --expect permit, --expect 454',
  );
}

function met({ verdict, replies }: Verdict, expect: string): boolean {
  if (expect === 'permit' || expect === 'reject') return verdict === expect;
  const decisive = decisiveReply(replies);
  // A connection that ends without a reply has none to compare with, whatever was answered before.
  if (verdict === 'reject' && decisive !== undefined && decisive.reply.code < 400) return false;
  return decisive !== undefined && String(decisive.reply.code) === expect;
}
