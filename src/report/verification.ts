import { withoutPlaceholders } from '../lib/placeholder-fingerprint.ts';
import type { Row, ServerVerification } from '../provision/verify/verify.ts';

const said = {
  permit: 'permitted',
  reject: 'refused',
  discard: 'discarded',
  unknown: 'unknown',
  fatal: 'server does not start',
} as const;

/** Why nothing was written, and the table that shows it. */
export function refusalText(proof: 'broken' | 'unknown', verifications: readonly ServerVerification[]): string {
  const why =
    proof === 'broken'
      ? 'refused, nothing written: the wrong clients could relay, or the right ones could not; see the lines marked "broken"'
      : 'not proved, nothing written: the answer needs what the lines marked "unknown" name';
  return `${why}\n\n${verificationText(verifications)}`;
}

/** The table as people read it; the base that it was judged over comes first. */
export function verificationText(verifications: readonly ServerVerification[]): string {
  return verifications.map(serverText).join('\n');
}

function serverText({ server, service, base, postfix, assumptions, rows }: ServerVerification): string {
  const at = service === undefined ? server : `${server}, service "${service}",`;
  const lines = [`verification of ${at} over ${base}, Postfix ${postfix}`];
  for (const assumption of assumptions) lines.push(`  assuming ${assumption}`);
  const dead = deadReply(rows);
  if (dead !== undefined) return `${[...lines, `  broken   every session: ${said.fatal}: ${dead}`].join('\n')}\n`;
  const width = Math.max(0, ...rows.map((row) => subject(row).length));
  for (const row of rows) {
    const { judgement, who } = row.witness;
    lines.push(
      `  ${row.outcome.padEnd(7)}  ${subject(row).padEnd(width)}  ${said[judgement.verdict].padEnd(9)}  ${row.outcome === 'met' ? codes(judgement.reply) : judgement.reply}`.trimEnd(),
    );
    if (row.outcome === 'met') continue;
    lines.push(
      `           ${who}, from ${row.witness.session.client.address}${judgement.decidedBy === '' ? '' : `: ${judgement.decidedBy}`}`,
    );
    if (row.base !== undefined)
      lines.push(
        `           ${row.wanted === 'as-before' ? 'before' : 'the base says'}: ${said[row.base.verdict]} ${row.base.reply}`.trimEnd(),
      );
    for (const question of judgement.missing) lines.push(`           open: ${question}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Why the server does not start, where that is all there is to say of every row. */
function deadReply(rows: readonly Row[]): string | undefined {
  const replies = new Set(
    rows.map(({ witness: { judgement } }) => (judgement.verdict === 'fatal' ? judgement.reply : '')),
  );
  const [only] = replies;
  return replies.size === 1 && only !== '' ? only : undefined;
}

/** A reply without its text: where all is as it must be, its codes are enough, and the line fits a terminal. */
function codes(reply: string): string {
  return /^[2-5]\d\d( [245]\.\d+\.\d+)?/.exec(reply)?.[0] ?? reply;
}

function subject({ doc, sessions }: Row): string {
  return sessions > 1 ? `${doc} (${sessions})` : doc;
}

/** The same for programs. */
export function verificationDocument({ server, service, base, postfix, assumptions, rows }: ServerVerification) {
  return {
    ...{ server, ...(service === undefined ? {} : { service }), base, postfix, assumptions },
    rows: rows.map(({ id, doc, wanted, outcome, sessions, witness, base: before }) => ({
      ...{ id, doc, wanted, outcome, sessions },
      verdict: witness.judgement.verdict,
      reply: witness.judgement.reply,
      decidedBy: witness.judgement.decidedBy,
      missing: witness.judgement.missing,
      witness: withoutPlaceholders(witness.session),
      ...(before === undefined ? {} : { base: { verdict: before.verdict, reply: before.reply } }),
    })),
  };
}
