import type { Evidence, ServerEvidence } from '../evidence/evidence.ts';
import { diagnose } from '../findings/diagnose.ts';
import type { Finding } from '../findings/finding.ts';
import type { Stranger } from '../trial/strangers.ts';
import { trialOf } from '../trial/trial.ts';
import { evidenceWith } from './apply.ts';
import { commandsOf, diffOf } from './commands.ts';
import { exposure } from './exposure.ts';
import { judgementOf, titleOf } from './judgement.ts';
import type { Repair } from './repair.ts';
import { replyWords } from './reply-words.ts';

/** Repairs that shut a door rather than open one: those of an open relay, with a stranger as the session that shows it. */
export function closings(evidence: Evidence, server: ServerEvidence, findings: readonly Finding[]): readonly Repair[] {
  const open = findings.filter(({ id }) => id === 'open-relay');
  return open.flatMap((finding) =>
    (finding.edits ?? []).flatMap((edits) => {
      const changed = evidenceWith(evidence, edits);
      const [before] = server.services;
      const after = changed.server?.services[0];
      if (after === undefined || diagnose(changed).some(({ id }) => id === finding.id)) return [];
      const { letsIn, shutsOut, complete, how } = exposure(before.sources, after.sources, []);
      const witness = shutsOut.find((each): each is Stranger => each.kind === 'stranger');
      if (witness === undefined) return [];
      const { who, session }: Stranger = witness;
      const reply = (service: typeof after) => replyWords(trialOf(service.sources).play(session));
      return [
        {
          ...{ finding: finding.id, title: titleOf(edits, server), edits },
          commands: commandsOf(edits, server.release.version),
          diff: diffOf(edits, server),
          sessions: [{ name: who, before: reply(before), after: reply(after) }],
          // Whom it shuts out is what it is for, but for those whom the server knows.
          ...{ letsIn, shutsOut: shutsOut.filter(({ kind }) => kind !== undefined && kind !== 'stranger') },
          ...{ complete, how },
          conditions: [],
          ...{ preferred: false, why: judgementOf(edits).words },
        },
      ];
    }),
  );
}
