import { matched } from '../address/matched.ts';
import { OK, REJECT, type Run } from '../lists/run.ts';
import type { Stages } from '../lists/stages.ts';
import { validHostName } from '../questions/host-name.ts';
import { validAddressLiteral } from '../questions/own-address.ts';
import type { DialogueSettings } from '../start/settings.ts';
import type { Reply } from './reply.ts';
import type { Mailbox } from './session.ts';

/**
 * ETRN (RFC 1985): the mail that waits for a domain. `refused` when a list did. The queue itself is not looked at, so
 * the last word is whether mail may be asked for (fast_flush_domains).
 */
export function answerEtrn(
  given: string,
  run: Run,
  stages: Stages,
  { flushDomains }: DialogueSettings,
): Reply | 'refused' {
  if (!/^\S+$/.test(given)) return reply(500, '', 'Syntax: ETRN domain');
  const domain = given.replace(/^[@#]/, '');
  if (!validHostName(domain) && !validAddressLiteral(domain)) return reply(501, '', 'Error: invalid parameter syntax');
  run.session.etrn = domain;
  const status = stages.etrn(run);
  run.session.etrn = undefined;
  if (status === REJECT) return 'refused';
  const flushed = matched(flushDomains.matchDomain(domain), run.trail);
  if (flushed === undefined) return reply(458, '', 'Unable to queue messages');
  return flushed ? reply(250, '', '') : reply(459, '', `<${domain}>: service unavailable`);
}

/** VRFY: the lists of RCPT, asked about an address that nothing is sent to. `refused` when one of them did. */
export function answerVrfy(
  given: string,
  mailbox: Mailbox | undefined,
  run: Run,
  stages: Stages,
  { vrfyDisabled }: DialogueSettings,
): Reply | 'refused' {
  if (vrfyDisabled) return reply(502, '5.5.1', 'VRFY command is disabled');
  if (mailbox === undefined || mailbox.text === '') return reply(501, '5.1.3', 'Bad recipient address syntax');
  const { session } = run;
  session.recipient = mailbox;
  // The bare word is accepted before any list, as at RCPT.
  const status = mailbox.text.toLowerCase() === 'postmaster' ? OK : stages.recipient(run);
  session.recipient = undefined;
  return status === REJECT ? 'refused' : reply(252, '2.0.0', given);
}

function reply(code: number, enhanced: string, text: string): Reply {
  return { code, enhanced, text };
}
