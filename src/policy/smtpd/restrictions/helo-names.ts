import { parseAddress } from '../../../lib/ip.ts';
import { rejected } from '../lists/actions.ts';
import type { Restriction } from '../lists/restriction.ts';
import { type Check, DUNNO, OK } from '../lists/run.ts';
import { named, type Site } from '../lists/scope.ts';
import type { Question } from '../questions/facts.ts';
import { validHostName, withoutTrailingDot } from '../questions/host-name.ts';
import { literalAddress, mailHostAddress } from '../questions/own-address.ts';
import { beforeRemoval } from './deprecated.ts';

type HeloForm = 'fqdn' | 'host name' | 'address' | 'address literal' | 'bad address' | 'invalid' | 'absent';

/** What the helo name is, by its syntax alone. */
export function heloForm(site: Pick<Site, 'questions'>): Question<HeloForm> {
  return site.questions.once<HeloForm>({
    subject: 'helo',
    text: 'form of the helo name',
    literal({ helo }) {
      if (helo === undefined) return 'absent';
      if (helo.startsWith('[')) {
        const valid = helo.endsWith(']') ? literalAddress(helo) : mailHostAddress(helo);
        return valid === undefined ? 'bad address' : 'address literal';
      }
      const name = withoutTrailingDot(helo);
      if (validHostName(name)) return name.includes('.') ? 'fqdn' : 'host name';
      return parseAddress(name) === undefined ? 'invalid' : 'address';
    },
    say: (answer) => answer,
  });
}

function refuse(site: Site, code: string, accepts: readonly HeloForm[], text: string): Check {
  const number = site.config.integer(code);
  const literalNumber = site.config.integer('invalid_hostname_reject_code');
  const form = heloForm(site);
  const scope = named(site.scope, 'Helo command', (session) => session.helo ?? '');
  return (run) => {
    const answer = run.ask(form);
    if (answer === 'absent' || answer === 'address literal' || accepts.includes(answer)) return DUNNO;
    if (answer === 'bad address')
      return run.reject('policy', literalNumber, '5.5.2', rejected(run, scope, 'invalid ip address'));
    return run.reject('policy', number, '5.5.2', rejected(run, scope, text));
  };
}

/** Restrictions on the syntax of the helo name. */
export const heloNames: readonly Restriction[] = [
  {
    name: 'reject_invalid_helo_hostname',
    aliases: ['reject_invalid_hostname'],
    since: '2.9',
    doc: 'Refuse a helo name that is neither a host name nor an address.',
    compile: (site) => refuse(site, 'invalid_hostname_reject_code', ['fqdn', 'host name', 'address'], 'Invalid name'),
  },
  {
    name: 'reject_non_fqdn_helo_hostname',
    aliases: ['reject_non_fqdn_hostname'],
    since: '2.9',
    doc: 'Refuse a helo name without a dot.',
    compile: (site) => refuse(site, 'non_fqdn_reject_code', ['fqdn'], 'need fully-qualified hostname'),
  },
  {
    name: 'permit_naked_ip_address',
    since: '2.9',
    until: '3.9',
    doc: 'Permit a helo name that is an address without brackets. Removed in 3.9.',
    compile(site) {
      const code = site.config.integer('invalid_hostname_reject_code');
      const scope = named(site.scope, 'Helo command', (session) => session.helo ?? '');
      const form = site.questions.once({
        subject: 'helo',
        text: 'bare address as helo name',
        literal: ({ helo }) => {
          if (helo === undefined || !/^[\d.:]+$/.test(helo)) return 'no';
          return parseAddress(helo) === undefined ? 'broken' : 'yes';
        },
        say: (answer) => answer,
      });
      return beforeRemoval(site, (run) => {
        const answer = run.ask(form);
        if (answer !== 'broken') return answer === 'yes' ? OK : DUNNO;
        // Under warn_if_reject nothing is refused, and what is not refused is permitted.
        const status = run.reject('policy', code, '5.5.2', rejected(run, scope, 'invalid ip address'));
        return status === DUNNO ? OK : status;
      });
    },
  },
];
