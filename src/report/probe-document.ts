import type { ProbedSession } from '../hosts/probe/judge.ts';
import type { Certified } from '../hosts/probe/server-certificate.ts';
import type { ProbeReport } from './probe-words.ts';
import { reasonOf } from './probe-words.ts';

/** The report for programs. */
export function probeDocument(report: ProbeReport) {
  const { place, client, server, sessions, configFrom, notes, outcome, recorded } = report;
  return {
    schema: 'certrelay/probe@1',
    outcome: { done: 'as-it-must-be', denied: 'wrong', failure: 'failed' }[outcome] ?? outcome,
    place: { host: place.host, port: place.port, wrapped: place.isWrapped },
    ...(client === undefined
      ? {}
      : { client: { holder: client.holder, ...(client.facts === undefined ? {} : certified(client as Certified)) } }),
    ...(server === undefined
      ? {}
      : {
          server: {
            ...{ protocol: server.protocol, cipher: server.cipher },
            chain: {
              checked: server.isAnchored,
              ...(server.chainError === undefined ? {} : { error: server.chainError }),
            },
            name: { wanted: server.name ?? null, matches: server.nameMatches ?? null },
            ...{ demand: server.demand, met: server.isMet },
            certificates: server.chain.map(certified),
          },
        }),
    sessions: sessions.map(session),
    ...{ predictedBy: configFrom ?? null, notes },
    ...(recorded === undefined ? {} : { recorded }),
  };
}

function certified({ facts, certificate, publicKey }: Certified) {
  const { der: _der, publicKey: _key, fingerprint: _print, publicKeyFingerprint: _keyPrint, ...rest } = facts;
  return { ...rest, fingerprint: certificate, publicKeyFingerprint: publicKey };
}

function session(one: ProbedSession) {
  const { id, played, isMet, prediction, agreement } = one;
  const { outcome } = played;
  return {
    ...{ id, outcome: outcome.kind, met: isMet ?? null, reason: reasonOf(one) },
    ...(outcome.kind === 'permitted' ? {} : { stage: outcome.stage }),
    ...(outcome.kind === 'failed' ? { code: outcome.trouble.code } : {}),
    ...(played.ends === undefined ? {} : { ends: played.ends }),
    ...(played.discarded === 0 ? {} : { discarded: played.discarded }),
    exchanges: played.exchanges.map(({ stage, said, reply }) => ({
      ...{ stage, ...(said === undefined ? {} : { said }) },
      ...{ code: reply.code, enhanced: reply.enhanced, text: reply.lines.join('\n') },
    })),
    agreement,
    ...(prediction === undefined
      ? {}
      : {
          prediction: {
            ...{ verdict: prediction.verdict, missing: prediction.missing },
            replies: prediction.replies.map(({ stage, reply }) => ({
              ...{ stage, code: reply.code, enhanced: reply.enhanced, text: reply.text },
            })),
          },
        }),
  };
}
