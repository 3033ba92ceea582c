import { parseAddress } from '../../../lib/ip.ts';
import { atLeast } from '../../postfix/version.ts';
import type { Session } from '../dialogue/session.ts';
import type { Site } from '../lists/scope.ts';
import { dnsAnswer } from '../questions/dns.ts';
import type { Question } from '../questions/facts.ts';
import { validHostName } from '../questions/host-name.ts';
import { type ListPattern, readListPattern } from './list-pattern.ts';

/** What is looked up in a DNS list, and what replies call it. */
export interface Listed {
  readonly query: string;
  readonly what: string;
}

/** An answer of a DNS list: the reason it gives, no entry, no answer; or a pattern of which the server process dies. */
export type ListAnswer =
  | { readonly reason: string }
  | 'not listed'
  | 'temporary'
  | { readonly reason: ''; readonly problem: string };

/** The client's address as DNS lists name it: octets or nibbles in reverse (RFC 5782, section 2). */
export function addressInList({ peer: { address } }: Session): Listed | undefined {
  const parsed = parseAddress(address);
  if (parsed === undefined) return undefined;
  if (parsed.family === 4) return { query: address.split('.').reverse().join('.'), what: address };
  const nibbles = [...parsed.key].map((unit) => unit.charCodeAt(0).toString(16).padStart(4, '0')).join('');
  return { query: [...nibbles].reverse().join('.'), what: address };
}

/** A name, or the domain of an address, as far as it can be a name in DNS at all. */
export function nameInList(text: string): Listed | undefined {
  const name = text.slice(text.lastIndexOf('@') + 1);
  if (name === '' || name === 'unknown' || name.startsWith('[') || !validHostName(name)) return undefined;
  return /(^|\.)\d+$/.test(name) ? undefined : { query: name, what: text };
}

/** `domain`, or `domain=127.0.0.[2;4..6]`: the list and the addresses of it that count. */
export function parseList(argument: string): { readonly domain: string; readonly pattern: ListPattern } {
  const equals = argument.indexOf('=');
  if (equals < 0) return { domain: argument, pattern: { counts: () => true } };
  return { domain: argument.slice(0, equals), pattern: readListPattern(argument.slice(equals + 1)) };
}

/** Whether a DNS list names the party; the question is open where the world was not given. */
export function listQuestion(
  site: Site,
  subject: Question<unknown>['subject'],
  party: string,
  find: (session: Session) => Listed | undefined,
  argument = site.argument ?? '',
): Question<ListAnswer> {
  const { domain, pattern } = parseList(argument);
  const longest = atLeast(site.config.version, '3.10') ? Number.POSITIVE_INFINITY : longestString;
  return site.questions.once<ListAnswer>({
    subject,
    text: `DNS list ${argument}[${party}]`,
    literal(session, trail) {
      const listed = find(session);
      if (listed === undefined) return 'not listed';
      if ('problem' in pattern) return { reason: '', problem: `RBL reply error: ${pattern.problem}` };
      const name = `${listed.query}.${domain}`;
      const answer = dnsAnswer(session, name, 'A');
      if (answer === undefined)
        return trail.suppose<ListAnswer>(`dns ${name}/A, TXT`, ['not listed', { reason: 'unknown' }, 'temporary']);
      if (answer.kind === 'temporary') return 'temporary';
      if (answer.kind !== 'found' || !answer.records.some(pattern.counts)) return 'not listed';
      const text = dnsAnswer(session, name, 'TXT');
      return {
        reason:
          text?.kind === 'found'
            ? text.records
                .map((record) => record.slice(0, longest))
                .join(' / ')
                .slice(0, longestReason)
            : '',
      };
    },
    say: (answer) => (typeof answer === 'string' ? answer : `listed: ${answer.reason}`),
  });
}

const longestReason = 500;

/** Up to 3.9 only the first of a TXT record's strings is read, which holds 255 bytes at most (RFC 1035, section 3.3). */
const longestString = 255;
