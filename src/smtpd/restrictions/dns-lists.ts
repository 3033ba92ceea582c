import { parseAddress } from '../../lib/ip.ts';
import { Expander } from '../../postfix/expand.ts';
import { fitStatus } from '../address-status.ts';
import { dnsAnswer } from '../dns.ts';
import type { Question } from '../facts.ts';
import { validHostName } from '../host-name.ts';
import { splitStatus } from '../reply.ts';
import type { Run, Status } from '../run.ts';
import type { Scope, Site } from '../scope.ts';
import type { Session } from '../session.ts';

/** What is looked up in a DNS list, and what replies call it. */
export interface Listed {
  readonly query: string;
  readonly what: string;
}

/** An answer of a DNS list: the reason it gives, no entry, or no answer. */
export type ListAnswer = { readonly reason: string } | 'not listed' | 'temporary';

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
export function parseList(argument: string): {
  readonly domain: string;
  readonly counts: (address: string) => boolean;
} {
  const equals = argument.indexOf('=');
  if (equals < 0) return { domain: argument, counts: () => true };
  const fields =
    argument
      .slice(equals + 1)
      .replace(/^\[(.*)\]$/, '$1')
      .match(/\[[^\]]*\]|[^.]+/g) ?? [];
  const counts = (address: string): boolean => {
    const octets = address.split('.').map(Number);
    return fields.length === 4 && fields.every((field, i) => fits(field, octets[i] ?? -1));
  };
  return { domain: argument.slice(0, equals), counts };
}

function fits(field: string, octet: number): boolean {
  const alternatives = field.replace(/^\[(.*)\]$/, '$1').split(';');
  return alternatives.some((text) => {
    const [low = '', high = low] = text.split('..');
    return octet >= Number(low) && octet <= Number(high);
  });
}

/** Whether a DNS list names the party; the question is open where the world was not given. */
export function listQuestion(
  site: Site,
  subject: Question<unknown>['subject'],
  party: string,
  find: (session: Session) => Listed | undefined,
): Question<ListAnswer> {
  const { domain, counts } = parseList(site.argument ?? '');
  return site.questions.once<ListAnswer>({
    subject,
    text: `${site.argument ?? ''}[${party}]`,
    literal(session, trail) {
      const listed = find(session);
      if (listed === undefined) return 'not listed';
      const name = `${listed.query}.${domain}`;
      const answer = dnsAnswer(session, name, 'A');
      if (answer === undefined)
        return trail.suppose<ListAnswer>(`dns ${name}/A, TXT`, ['not listed', { reason: 'unknown' }, 'temporary']);
      if (answer.kind === 'temporary') return 'temporary';
      if (answer.kind !== 'found' || !answer.records.some(counts)) return 'not listed';
      const text = dnsAnswer(session, name, 'TXT');
      return { reason: text?.kind === 'found' ? text.records.join(' / ').slice(0, longestReason) : '' };
    },
    say: (answer) => (typeof answer === 'string' ? answer : `listed: ${answer.reason}`),
  });
}

const longestReason = 500;

/** The refusal that default_rbl_reply (or rbl_reply_maps) words. */
export function refuseListed(site: Site, scope: Scope): (run: Run, listed: Listed, reason: string) => Status {
  const { config } = site;
  const argument = site.argument ?? '';
  const { domain } = parseList(argument);
  const [own] = config
    .tables('rbl_reply_maps')
    .map((table) => (table.opaque === undefined ? table.find(argument) : undefined));
  const template = typeof own === 'string' ? own : config.raw('default_rbl_reply');
  return (run, { what }, reason) => {
    const { session } = run;
    const values: Readonly<Record<string, string>> = {
      rbl_code: String(config.integer('maps_rbl_reject_code')),
      rbl_domain: domain,
      rbl_reason: reason,
      rbl_txt: reason,
      rbl_what: what,
      rbl_class: scope.className,
      client: session.peer.namaddr,
      client_address: session.peer.address,
      client_name: session.peer.name,
      reverse_client_name: session.peer.reverseName,
      helo_name: session.helo ?? '',
      sender: session.sender?.text ?? '',
      recipient: session.recipient?.text ?? '',
    };
    // What a client says is no template: its dollar signs are its own.
    const expanded = new Expander((name) => values[name]?.replaceAll('$', '$$$$'), config.version).expand(template);
    const match = typeof expanded === 'string' ? /^([45]\d\d)[ \t]+([\s\S]*)$/.exec(expanded) : null;
    const code = match === null ? config.integer('maps_rbl_reject_code') : Number(match[1]);
    const { dsn, text } = splitStatus(match?.[2] ?? '', '4.7.1');
    return run.reject('policy', code, fitStatus(run, dsn, scope.className), text === '' ? 'Service unavailable' : text);
  };
}
