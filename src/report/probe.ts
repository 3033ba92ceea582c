import type { Exchange } from '../hosts/probe/dialogue.ts';
import type { ProbedSession } from '../hosts/probe/judge.ts';
import type { Certified, ServerCheck } from '../hosts/probe/server-certificate.ts';
import type { AllFingerprints } from '../x509/fingerprint.ts';
import type { ProbeReport } from './probe-words.ts';
import { probeHeadline, replyText, sessionWords, who } from './probe-words.ts';

/** The report as people read it: the answer, why, and what to do; then what was seen. */
export function probeText(report: ProbeReport): string {
  const { sessions, server, client, configFrom, notes, recorded } = report;
  const told = sessions.find(({ isMet, agreement }) => isMet !== true || agreement.kind === 'differs') ?? sessions[0];
  const lines = [
    ...probeHeadline(report),
    ...(recorded === undefined ? [] : [recorded ? recordedNow : recordedBefore]),
    '',
    ...sessions.flatMap((session) => sessionWords(session, client?.holder)),
    configFrom === undefined
      ? '  (no prediction: the configuration is not known; give --main-cf FILE or --out DIR)'
      : `  predicted by ${configFrom}`,
    ...notes.map((note) => `  ${note}`),
    '',
    ...(server === undefined ? [] : serverLines(report, server)),
    ...(client?.facts === undefined ? [] : ['client', ...certifiedLines(client as Certified), '']),
    ...(told === undefined ? [] : conversationLines(told, client?.holder)),
  ];
  return `${lines.map(shown).join('\n')}\n`;
}

const recordedNow =
  'noted in the ledger: the certificate is in use; "certrelay rotate --due" does what waited for that';
const recordedBefore = 'nothing to note: no rotation waits for this certificate';

function serverLines({ sessions }: ProbeReport, server: ServerCheck): readonly string[] {
  const { chain, isAnchored, chainError, name, nameMatches, demand, isMet } = server;
  const [own] = chain;
  const remote = sessions.find(({ played }) => played.ends !== undefined)?.played.ends?.remote ?? '';
  const rows: readonly (readonly [string, string])[] = [
    ['address', remote],
    ['TLS', `${server.protocol}, ${server.cipher}`],
    ['chain', isAnchored ? (chainError ?? 'verified') : 'not checked: no authority is known (--ca FILE)'],
    ['name', name === undefined ? 'not checked: give --server NAME' : nameWords(name, nameMatches, own)],
    ...(demand === 'pin' ? [['pin', isMet ? 'one that clients know' : 'none that clients know'] as const] : []),
  ];
  const above = chain.slice(1).map(({ facts }) => `  above   ${facts.subject}, until ${facts.notAfter}`);
  return [
    'server',
    ...rows.map(([label, value]) => `  ${label.padEnd(8)}${value}`),
    ...(own === undefined ? [] : certifiedLines(own)),
    ...above,
    '',
  ];
}

function nameWords(name: string, matches: boolean | undefined, own: Certified | undefined): string {
  if (matches !== false) return `${name}, as it should be`;
  const names = own?.facts.names ?? [];
  return `not ${name}: it is for ${names.length === 0 ? 'no host name' : names.join(', ')}`;
}

function certifiedLines({ facts, certificate, publicKey }: Certified): readonly string[] {
  const digests = (prints: AllFingerprints) =>
    Object.entries(prints).map(([digest, print]) => `    ${digest.padEnd(8)}${print}`);
  return [
    `  subject ${facts.subject || facts.names[0] || 'none'}, issued by ${facts.issuer}, ${facts.keyType}`,
    `  valid   ${facts.notBefore} to ${facts.notAfter}`,
    '  certificate',
    ...digests(certificate),
    '  public key',
    ...digests(publicKey),
  ];
}

/** The session that people want to see: the first that was not as it must be, else the first. */
function conversationLines(session: ProbedSession, holder: string | undefined): readonly string[] {
  const lines = session.played.exchanges.flatMap(exchangeLines);
  return lines.length === 0 ? [] : [`conversation ${who(session.id, holder)}`, ...lines];
}

function exchangeLines({ said, reply }: Exchange): readonly string[] {
  return [...(said === undefined ? [] : [`  C: ${said}`]), ...replyText(reply).map((line) => `  S: ${line}`)];
}

/** What servers say, and what stands in their certificates, must not steer a terminal. */
function shown(line: string): string {
  return line.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}
