import type { Path } from '../../policy/explore/result.ts';
import type { Bench } from '../../policy/identities/judge.ts';
import type { SessionInput } from '../../policy/identities/sessions.ts';
import type { Row } from './verify.ts';

/** The session of a path as a line of the table shows it; what is supposed on the way counts as said. */
export function witnessOf(path: Path, program: number, { judge }: Bench): Row['witness'] {
  const { session } = path.witness;
  const { tls, helo = 'client.example' } = session;
  const certificate = tls?.certificate;
  const played: SessionInput = {
    ...session,
    helo,
    protocol: 'ESMTP',
    tls:
      tls === null
        ? null
        : {
            protocol: tls.protocol,
            certificate:
              certificate === undefined || certificate === null ? null : { ...certificate, issuer: 'some authority' },
          },
  };
  const outcome = path.outcomes[program];
  const judgement = judge(played);
  const lets = outcome?.verdict === 'permit' || outcome?.verdict === 'discard';
  const differs = (judgement.verdict === 'permit' || judgement.verdict === 'discard') !== lets;
  const conditions = path.conditions
    .map(({ line, words }) => (words.includes(line) ? words : `${line} ${words}`))
    .join(', ');
  const supposed = path.assumptions.map(({ fact, answer }) => `${fact}: ${answer}`);
  return {
    who: conditions === '' ? 'anyone' : `anyone with ${conditions.slice(0, 300)}`,
    session: played,
    // What the permissive world of the table says is not what this path supposes.
    judgement:
      differs && outcome !== undefined
        ? {
            verdict: outcome.verdict === 'discard' ? 'discard' : outcome.verdict === 'permit' ? 'permit' : 'reject',
            reply: `${outcome.code} ${outcome.enhanced}, if ${supposed.join('; ')}`,
            decidedBy: judgement.decidedBy,
            missing: supposed,
          }
        : judgement,
  };
}
