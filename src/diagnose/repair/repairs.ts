import { decisiveReply, type Verdict } from '../../policy/smtpd/lists/verdict.ts';
import type { Edit } from '../configuration/edit.ts';
import type { Evidence, ServerEvidence } from '../evidence/evidence.ts';
import { diagnose } from '../findings/diagnose.ts';
import type { Finding } from '../findings/finding.ts';
import { intendedTargets, type RepairTarget, refusedTargets } from '../trial/targets.ts';
import { trialOf } from '../trial/trial.ts';
import type { UnlistedClient } from '../trial/unlisted-clients.ts';
import { evidenceWith } from './apply.ts';
import { commandsOf, diffOf } from './commands.ts';
import { exposure } from './exposure.ts';
import { isOffered, type Repair } from './repair.ts';
import { search } from './search.ts';

/**
 * The smallest repairs for the sessions that were refused, or, where no session was given, for a client that the
 * server evidently means to let in. Each is played on those sessions and tried on everybody else; those that can be
 * offered come first, smallest first, the preferred one before its equals.
 */
export function repairs(evidence: Evidence, findings: readonly Finding[]): readonly Repair[] {
  const { server } = evidence;
  if (server === undefined) return [];
  const refused = refusedTargets(evidence);
  // A log tells fingerprints in the server's own digest only: what a change of digest does is seen on the map alone.
  const byLog = refused.length === 0 ? [] : repairsFor(evidence, server, findings, refused);
  const forClients =
    byLog.length > 0 ? byLog : repairsFor(evidence, server, findings, failing(intendedTargets(evidence)));
  const found = [...openRelayRepairs(evidence, server, findings), ...forClients];
  const offered = found.filter(isOffered);
  const best = offered.toSorted((a, b) => judgementOf(b.edits).worth - judgementOf(a.edits).worth)[0];
  return found
    .map((repair) => ({ ...repair, preferred: repair === best }))
    .sort(
      (a, b) =>
        Number(isOffered(b)) - Number(isOffered(a)) ||
        a.edits.length - b.edits.length ||
        Number(b.preferred) - Number(a.preferred),
    );
}

function failing(targets: readonly RepairTarget[]): readonly RepairTarget[] {
  return targets.filter(({ service, conversation }) => {
    const { verdict } = trialOf(service.sources).decideAssumingPermissiveWorld(conversation).verdict;
    return verdict === 'reject' || verdict === 'fatal';
  });
}

function repairsFor(
  evidence: Evidence,
  server: ServerEvidence,
  findings: readonly Finding[],
  targets: readonly RepairTarget[],
): readonly Repair[] {
  if (targets.length === 0) return [];
  return search(evidence, findings, targets).map(({ finding, edits }) => {
    const changed = evidenceWith(evidence, edits).server?.services ?? [];
    const played = targets.map(({ name, service, conversation }) => {
      const now = changed[server.services.indexOf(service)] ?? service;
      const before = trialOf(service.sources).decideAssumingPermissiveWorld(conversation);
      const after = trialOf(now.sources).decideAssumingPermissiveWorld(conversation);
      return { name, before, after };
    });
    const sessions = played.map(({ name, before, after }) => ({
      ...{ name, before: replyWords(before.verdict), after: replyWords(after.verdict) },
    }));
    return {
      finding: finding.id,
      title: titleOf(edits, server),
      ...{ edits, sessions },
      conditions: [
        ...new Set([
          ...targets.flatMap(({ condition }) => condition ?? []),
          ...played.flatMap(({ before, after }) => [...before.conditions, ...after.conditions]),
        ]),
      ],
      commands: commandsOf(edits, server.release.version),
      diff: diffOf(edits, server),
      ...exposed(server, changed, targets),
      preferred: false,
      why: judgementOf(edits).words,
    };
  });
}

/** Whoever is let in or shut out at any service that the edits change. */
function exposed(
  server: ServerEvidence,
  changed: ServerEvidence['services'] | readonly [],
  targets: readonly RepairTarget[],
) {
  const names = [...new Set(targets.map(({ conversation }) => conversation.peer.name))].filter(
    (name) => name !== 'unknown',
  );
  const all = server.services.flatMap(({ sources }, index) => {
    const after = changed[index]?.sources;
    return after === undefined ? [] : exposure(sources, after, names);
  });
  return {
    letsIn: all.flatMap(({ letsIn }) => letsIn),
    shutsOut: all.flatMap(({ shutsOut }) => shutsOut),
    complete: all.every(({ complete }) => complete),
    how: (all.find(({ complete }) => !complete) ?? all[0])?.how ?? '',
  };
}

/** Repairs that close an open relay; the session that shows each is an unlisted client's. */
function openRelayRepairs(evidence: Evidence, server: ServerEvidence, findings: readonly Finding[]): readonly Repair[] {
  const open = findings.filter(({ id }) => id === 'open-relay');
  return open.flatMap((finding) =>
    (finding.edits ?? []).flatMap((edits) => {
      const changed = evidenceWith(evidence, edits);
      const [before] = server.services;
      const after = changed.server?.services[0];
      if (after === undefined || diagnose(changed).some(({ id }) => id === finding.id)) return [];
      const { letsIn, shutsOut, complete, how } = exposure(before.sources, after.sources, []);
      const witness = shutsOut.find((each): each is UnlistedClient => each.kind === 'unknown');
      if (witness === undefined) return [];
      const { who, session }: UnlistedClient = witness;
      const reply = (service: typeof after) => replyWords(trialOf(service.sources).play(session));
      return [
        {
          ...{ finding: finding.id, title: titleOf(edits, server), edits },
          commands: commandsOf(edits, server.release.version),
          diff: diffOf(edits, server),
          sessions: [{ name: who, before: reply(before), after: reply(after) }],
          // Whom it shuts out is what it is for, but for those whom the server knows.
          ...{ letsIn, shutsOut: shutsOut.filter(({ kind }) => kind !== undefined && kind !== 'unknown') },
          ...{ complete, how },
          conditions: [],
          ...{ preferred: false, why: judgementOf(edits).words },
        },
      ];
    }),
  );
}

/** The reply that a verdict is about, for people. */
function replyWords(verdict: Verdict): string {
  if (verdict.verdict === 'fatal') return `the server does not start: ${verdict.fatal ?? ''}`;
  const reply = decisiveReply(verdict.replies)?.reply;
  if (reply === undefined) return verdict.verdict;
  return [reply.code, reply.enhanced, reply.text].filter((part) => part !== '').join(' ');
}

const relayList = 'smtpd_relay_restrictions';

/** What speaks for a set of edits or against it; of two sets, the one that is worth more is the better. */
function judgementOf(edits: readonly Edit[]): { readonly worth: number; readonly words: string } {
  if (edits.some((edit) => edit.kind === 'parameter' && edit.name === relayList && edit.value === '')) {
    return {
      worth: -10,
      words:
        'the recipient list alone decides then, as before Postfix 2.10: whatever is put before its refusal later on, ' +
        'such as a rule against spam that permits, lets its senders relay as well',
    };
  }
  if (edits.some((edit) => edit.kind === 'parameter' && edit.name === relayList)) {
    return {
      worth: 10 - edits.length,
      words:
        'the relay list goes on protecting the server: both lists run and either can refuse, so a later change of the ' +
        'recipient list cannot open the relay',
    };
  }
  return { worth: -edits.length, words: 'nothing else changes' };
}

/** What the edits do, in words. */
function titleOf(edits: readonly Edit[], server: ServerEvidence): string {
  return edits.map((edit) => editTitle(edit, server)).join('; ');
}

function editTitle(edit: Edit, server: ServerEvidence): string {
  if (edit.kind === 'table') return `other lines in ${edit.path}`;
  const { name, value, service } = edit;
  const where = service === undefined ? '' : ` for ${service}`;
  if (value === '') return `empty ${name}${where}`;
  const [config] = server.services.map((each) => each.config);
  const had = /(?<![\w-])permit_tls_clientcerts(?![\w-])/i;
  const isList = /^smtpd_\w+_restrictions$/.test(name);
  if (isList && had.test(value) && config !== undefined && !had.test(config.get(name))) {
    return `permit_tls_clientcerts into ${name}${where}`;
  }
  return `${name} = ${value}${where}`;
}
