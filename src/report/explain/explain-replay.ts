import type { Replay } from '../../diagnose/evidence/evidence.ts';
import type { LoggedReply } from '../../diagnose/maillog/session.ts';
import type { ClientCertificate } from '../../policy/smtpd/dialogue/conversation.ts';
import type { Reason } from '../../policy/smtpd/dialogue/reasons.ts';
import type { TraceNode } from '../../policy/smtpd/dialogue/trace.ts';
import type { Place } from '../../policy/smtpd/questions/place.ts';
import { type Depth, placeText, verdictText, whereSet } from '../verdict.ts';
import { replyWords } from './explain-words.ts';

/** One session: what the server said, whether that is what follows from its configuration, and why. */
export function replayText(replay: Replay, depth: Depth): string {
  const { verdict, reasons, trace, logged, agreement, assumed } = replay;
  const nodes = verdict.verdict === 'unknown' ? [] : trace;
  // Why permits did not help is told below, with more than this one knows.
  const told = verdictText(verdict, { ...reasons, unhelped: [] }, nodes, depth).trimEnd();
  const [head = '', tree] = told.split(/\n\n(.*)/s);
  const [reply = '', ...because] = head.split('\n');
  const lines = [...answer(replay, reply), ...because, ...certificateLines(replay)];
  if (verdict.verdict === 'reject') lines.push(...unhelpedLines(replay));
  lines.push(...assumed.map((words) => `assumed: ${words}`));
  const toGive = notGivenLines(replay);
  if (verdict.verdict === 'unknown') lines.push(...missingHints(verdict.missing, toGive.length > 0));
  if (logged !== undefined && agreement === 'different') {
    lines.push('the configuration was another one when that was logged, or something that decides was not given');
  }
  lines.push(...toGive);
  return `${lines.join('\n')}\n${tree === undefined ? '' : `\n${tree}\n`}`;
}

/** The first two lines: the reply, who got it, and whether log and simulator agree. */
function answer({ name, logged, delivery, session, agreement, alike, verdict }: Replay, reply: string): string[] {
  if (logged === undefined) return [reply, `  to ${name}, as the simulator works it out`];
  const said = saidWords(logged);
  const other = session === undefined ? undefined : delivery?.where;
  const places = [logged.where, ...(other === undefined ? [] : [other])].map(({ file, line }) => `${file}:${line}`);
  const times = alike > 1 ? `, ${alike} times` : '';
  const told = `  the server said so to ${name} (${places.join(', ')}${times})`;
  switch (agreement) {
    case 'same':
      return [logged.code < 300 ? reply : said, `${told}; the simulator agrees`];
    case 'different':
      return [said, `${told}; the simulator gets another answer:`, replyWords(verdict)];
    default:
      return [said, `${told}; whether it follows from the configuration cannot be said:`, reply];
  }
}

function saidWords({ code, enhanced, text, recipient }: LoggedReply): string {
  if (code < 300) return `permit: ${code} ${enhanced}${recipient === undefined ? '' : ` for <${recipient}>`}`;
  return [String(code), enhanced, text].filter((part) => part !== '').join(' ');
}

/** What the client showed, and whether it is listed: what its owner looks for first. */
function certificateLines({ conversation, listed, verdict, logged, session }: Replay): readonly string[] {
  const { tls } = conversation;
  if (verdict.verdict === 'permit') return [];
  if (tls === undefined) return ['the client used no TLS, so it showed no certificate'];
  const { certificate } = tls;
  if (certificate === undefined) return ['the client showed no certificate'];
  if (logged !== undefined && session?.tls === undefined && isOpen(certificate))
    return ['whether the client showed a certificate, and which, is not known'];
  const whose = certificate.subject === '' ? '' : ` of "${certificate.subject}"`;
  const shown = `the client showed ${certificate.trusted ? 'a trusted' : 'an untrusted'} certificate${whose}`;
  if (listed === undefined) return [shown];
  const at = listed.where === undefined ? '' : ` (${listed.where.file}:${listed.where.line})`;
  return [`${shown}, and ${listed.table} lists it${at}`];
}

/** A certificate of which nothing is known but that there may be one. */
function isOpen({ subject, fingerprint, publicKeyFingerprint }: ClientCertificate): boolean {
  return subject === '' && Object.keys({ ...fingerprint, ...publicKeyFingerprint }).length === 0;
}

/** The permits of lists that the configuration sets, which somebody wanted, before those of defaults. */
function unhelpedLines({ reasons, trace, service }: Replay): readonly string[] {
  const { unhelped, origins, decided } = reasons;
  const permitted = permitsInVain(trace, decided[0]?.place.list).map((place) => {
    const set = service.config.isSet(place.list) ? ` (${whereSet(service.config.origin(place.list))})` : '';
    return `  ${placeText(place)}${set}: permits, and ${decided[0]?.place.list ?? 'another list'} refuses all the same`;
  });
  if (unhelped.length + permitted.length === 0) return [];
  const isWanted = ({ place }: Reason) => origins[place.list] !== undefined && origins[place.list]?.kind !== 'default';
  const sorted = unhelped.toSorted((a, b) => Number(isWanted(b)) - Number(isWanted(a)));
  const decider = decided[0]?.place;
  return [
    'permits that did not help:',
    ...permitted,
    ...sorted.map((reason) => {
      const { place, why } = reason;
      const origin = origins[place.list];
      const set = origin !== undefined && isWanted(reason) ? ` (${whereSet(origin)})` : '';
      const before =
        decider === undefined
          ? ''
          : `: ${decider.list === place.list ? placeText(decider) : decider.list} refuses before it`;
      return `  ${placeText(place)}${set}: ${why === 'not reached' ? `not reached${before}` : why || 'does not apply'}`;
    }),
  ];
}

/** Permits of other lists that came first: each list has its say, and one that permits ends none but itself. */
function permitsInVain(trace: readonly TraceNode[], decider: string | undefined): readonly Place[] {
  const permits = trace.filter(
    ({ status, place, phase }) => status === 'permits' && phase === 'rcpt' && place.list !== decider,
  );
  return permits.map(({ place }) => place);
}

/** The files that a reply hangs on, or may hang on where it differs. */
function notGivenLines({ notGiven = [], agreement, verdict: { missing } }: Replay): readonly string[] {
  const hangsOn = notGiven.filter(({ path }) => missing.some((key) => key.includes(path)));
  return (agreement === 'different' ? notGiven : hangsOn).map(
    ({ parameter, path }) => `to do: give ${path}, which ${parameter} names and was not given (--table ${path}=FILE)`,
  );
}

/** What to do about what is not known. */
function missingHints(missing: readonly string[], tablesAreNamed: boolean): readonly string[] {
  const hints: string[] = [];
  if (missing.some((key) => /fingerprint/.test(key))) {
    hints.push(
      "to do: give the client's certificate (--cert FILE), or a log with smtpd_tls_loglevel = 2 on the server",
    );
  }
  if (missing.some((key) => /\/(?:A|AAAA|MX|TXT|PTR)$/i.test(key))) hints.push('to do: --resolve asks DNS');
  if (!tablesAreNamed && missing.some((key) => /\w:\//.test(key)))
    hints.push('to do: give the source of the table (--table PATH=FILE)');
  return hints;
}
