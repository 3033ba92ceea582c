import type { Release, Replay } from '../../diagnose/evidence/evidence.ts';
import { withoutPlaceholders } from '../../lib/placeholder-fingerprint.ts';
import type { Reason } from '../../policy/smtpd/dialogue/reasons.ts';
import type { Reply } from '../../policy/smtpd/dialogue/reply.ts';
import { findingDocument, repairDocument } from '../findings/findings-document.ts';
import type { Explanation } from './explain.ts';
import { replyWords } from './explain-words.ts';

/** An explanation for programs. */
export function explainDocument({
  evidence,
  findings,
  repairs,
  unproved,
  ranges,
  problems,
  leftOut,
  applied,
}: Explanation): Readonly<Record<string, unknown>> {
  const { server, client, log, replays } = evidence;
  const [first] = replays;
  return {
    schema: 'certrelay/explain@1',
    ...(server === undefined ? {} : { postfix: releaseDocument(server.release) }),
    ...(client === undefined ? {} : { clientPostfix: releaseDocument(client.release) }),
    ...(ranges.length === 0
      ? {}
      : {
          releases: ranges.map(({ from, to, verdict }) => ({
            from,
            to,
            verdict: verdict.verdict,
            reply: replyWords(verdict),
          })),
        }),
    verdict: first?.verdict.verdict ?? null,
    sessions: replays.map(replayDocument),
    findings: findings.map(findingDocument),
    repairs: repairs.map(repairDocument),
    ...(unproved === undefined ? {} : { unproved }),
    problems,
    ...(applied === undefined ? {} : { applied }),
    ...(log === undefined
      ? {}
      : {
          log: {
            ...{ lines: log.lines, postfixLines: log.postfixLines },
            sessions: log.servers.length,
            deliveries: log.deliveries.length,
            leftOut: log.leftOut + leftOut,
          },
        }),
  };
}

function releaseDocument({ version, how, words, where }: Release) {
  return { version: version.text, how, words, ...(where === undefined ? {} : { where }) };
}

function replayDocument({
  name,
  service,
  logged,
  reply,
  agreement,
  verdict,
  reasons,
  scenario,
  assumed,
  alike,
}: Replay) {
  const decided = reply?.decidedBy[0];
  return {
    ...{ name, service: service.name, alike, agreement },
    ...(logged === undefined ? {} : { logged }),
    verdict: verdict.verdict,
    ...(reply === undefined
      ? {}
      : {
          reply: {
            stage: reply.stage,
            ...(reply.recipient === undefined ? {} : { recipient: reply.recipient }),
            ...wordsOf(reply.reply),
          },
        }),
    ...(decided === undefined
      ? {}
      : { decidedBy: { ...decided, origin: originOf(service, decided.list), within: reply?.decidedBy.slice(1) } }),
    because: reasons.decided.map(reasonDocument),
    unhelped: reasons.unhelped.map(reasonDocument),
    ...(verdict.fatal === undefined ? {} : { fatal: verdict.fatal }),
    ...{ missing: verdict.missing, warnings: verdict.warnings, assumed, session: withoutPlaceholders(scenario) },
  };
}

/** Its text may be worked out when it is asked for, so that the object cannot be copied. */
function wordsOf({ code, enhanced, text }: Reply) {
  return { code, enhanced, text };
}

function originOf({ config }: Replay['service'], list: string) {
  return /^\w+$/.test(list) ? config.origin(list) : undefined;
}

function reasonDocument({ place, why }: Reason) {
  return { ...place, why };
}
