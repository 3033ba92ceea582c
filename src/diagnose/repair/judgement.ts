import type { Edit } from '../configuration/edit.ts';
import type { ServerEvidence } from '../evidence/evidence.ts';

const relayList = 'smtpd_relay_restrictions';

/** What speaks for a set of edits or against it; of two sets, the one that is worth more is the better. */
export function judgementOf(edits: readonly Edit[]): { readonly worth: number; readonly words: string } {
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
export function titleOf(edits: readonly Edit[], server: ServerEvidence): string {
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
