import type { Replay } from '../evidence/evidence.ts';

/** As many sessions stand for all that failed in the same way. */
const most = 12;

/**
 * The sessions that somebody wants to go through, of all that a log tells of: most of what a server refuses it refuses
 * rightly. Those of a client whose own log is there, of a certificate that is listed, or that were described by hand;
 * where there is none, those that showed a certificate at all.
 */
export function meantReplays(replays: readonly Replay[]): readonly Replay[] {
  const own = replays.filter(
    ({ session, delivery, listed }) => session === undefined || delivery !== undefined || listed !== undefined,
  );
  const shown = replays.filter(({ conversation }) => conversation.tls?.certificate !== undefined);
  return (own.length > 0 ? own : shown).slice(0, most);
}
