import { usage } from '../../lib/problem.ts';
import { type Classes, canRefuse, insertPermit, written } from '../../policy/postfix/restriction-list.ts';
import { isBefore } from '../settings/postfix-version.ts';
import type { Settings } from '../settings/types.ts';
import { type Base, listOf } from './base.ts';
import type { Assignment } from './view.ts';

export interface RelayPolicy {
  readonly restrictions: readonly Assignment[];
  readonly reason: readonly string[];
}

const permit = 'permit_tls_clientcerts';
const relayList = 'smtpd_relay_restrictions';
const recipientList = 'smtpd_recipient_restrictions';

type Wanted = Pick<Settings, 'policy' | 'unauthorized' | 'permitSasl'>;

/**
 * The restriction lists that let listed certificates relay and nobody new. From 2.10 the relay list carries the
 * policy (`relay`), and both lists run: whichever refuses first has the last word, so the permit must stand in each
 * that can refuse a remote destination. 2.9 has the recipient list only (`recipient`).
 */
export function relayPolicy(wanted: Wanted, version: string, base: Base | undefined): RelayPolicy {
  const old = isBefore(version, '2.10');
  if (old && wanted.policy === 'relay') {
    throw usage('policy-too-new', `Postfix ${version} has no ${relayList}`, 'choose --policy recipient');
  }
  if (old && wanted.unauthorized === 'defer') {
    throw usage('defer-too-new', `Postfix ${version} has no defer_unauth_destination`, 'choose --unauthorized reject');
  }
  if (wanted.policy === 'relay') {
    const list = carrying(relayList, wanted, base);
    const neighbour = recipientPermit(base);
    const both = neighbour.length === 0 ? [] : ['Both lists run and either can refuse, so the permit stands in both.'];
    return {
      restrictions: [assign(relayList, list), ...neighbour],
      reason: [...reasonOf(list), ...both],
    };
  }
  const list = carrying(recipientList, wanted, base);
  const carried = assign(recipientList, list);
  if (old) return { restrictions: [carried], reason: reasonOf(list) };
  const alone = 'With an empty relay list, the recipient list alone decides.';
  return { restrictions: [assign(relayList, []), carried], reason: [...reasonOf(list), alone] };
}

/** The list that carries the policy: the host's own with what is needed, or the usual one where it has none. */
function carrying(parameter: string, wanted: Wanted, base: Base | undefined): readonly string[] {
  const refusal = `${wanted.unauthorized}_unauth_destination`;
  const usual = ['permit_mynetworks', ...(wanted.permitSasl ? ['permit_sasl_authenticated'] : []), permit, refusal];
  if (base?.isSet(parameter) !== true) return usual;
  const host = listOf(base, parameter)
    .filter((word) => wanted.permitSasl || word.toLowerCase() !== 'permit_sasl_authenticated')
    .map((word) => (/^(?:reject|defer)_unauth_destination$/i.test(word) ? refusal : word));
  if (host.length === 0) return usual;
  const classes = classesOf(base);
  // A list that only permits has left the refusal to its neighbour; here it has to refuse by itself.
  return insertPermit(canRefuse(host, classes) ? host : [...host, refusal], permit, classes);
}

/** The host's recipient list again, with the permit, where it would refuse what the relay list permits. */
function recipientPermit(base: Base | undefined): readonly Assignment[] {
  if (base?.isSet(recipientList) !== true) return [];
  const host = listOf(base, recipientList);
  const changed = insertPermit(host, permit, classesOf(base));
  return changed === host ? [] : [assign(recipientList, changed)];
}

function classesOf(base: Base): Classes {
  const names = new Set(listOf(base, 'smtpd_restriction_classes'));
  return (name) => (names.has(name) ? listOf(base, name) : undefined);
}

function assign(name: string, list: readonly string[]): Assignment {
  const value = written(list);
  // The host's list was read with its $names filled in; what still holds a dollar cannot be written back as it was.
  if (value.includes('$')) {
    throw usage(
      'base-list-dollar',
      `${name} of the base main.cf holds a "$" that cannot be rendered`,
      'write it without',
    );
  }
  return { name, value };
}

/** What the list says, in words; a list of the host's own may permit more, and is not explained any further. */
function reasonOf(list: readonly string[]): readonly string[] {
  const has = (name: string): boolean => list.some((word) => word.toLowerCase() === name);
  const others = [
    ...(has('permit_mynetworks') ? ['local networks'] : []),
    ...(has('permit_sasl_authenticated') ? ['logged-in users'] : []),
    'clients whose certificate is listed',
  ];
  const refusal = has('defer_unauth_destination')
    ? ['Others get 454, not 554: a client whose line is late keeps its mail in the queue.']
    : has('reject_unauth_destination')
      ? ['Others get 554: a client whose line is missing bounces its mail.']
      : [];
  return [`Who may relay: ${others.join(', ').replace(/, ([^,]*)$/, ' and $1')}.`, ...refusal];
}
