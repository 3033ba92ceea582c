import type { Run } from '../lists/run.ts';
import type { Place } from '../questions/place.ts';
import type { DialogueSettings } from '../start/settings.ts';
import { type Answered, none } from './answered.ts';
import { type Reply, withSoftBounce } from './reply.ts';

/** A reply as it goes over the wire, filtered and with its footer. */
export function answered(
  usual: Answered,
  reply: Reply,
  recipient: string | undefined,
  decidedBy: readonly Place[],
  run: Run,
  { writer, softBounce }: DialogueSettings,
): Answered {
  const refused = reply.code >= 400;
  const permits = refused ? none : run.permits;
  // Most replies of most sessions are the same few: they need not be made each time.
  if (usual.reply === reply && recipient === undefined && permits === none) return usual;
  // Maps of replies see a reply as it is before soft_bounce.
  const full = refused ? withSoftBounce(writer.idle ? reply : writer.write(reply, run), softBounce) : reply;
  return { stage: usual.stage, recipient, reply: full, decidedBy, permits };
}
