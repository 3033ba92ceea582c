import type { PostfixConfig } from '../../postfix/config.ts';
import { isPlain } from '../address/envelope-mailbox.ts';
import { partsOf, rewrite, rewriteSettings } from '../address/rewrite.ts';
import type { Envelope } from '../address/syntax.ts';
import type { Mailbox } from './session.ts';

/**
 * The sender of the server's own address verification probes, lower case; empty for the null sender. It is completed
 * as any local address is; the part that changes (address_verify_sender_ttl) no client can foretell.
 */
export function probeSender(config: PostfixConfig): string {
  const given = config.get('address_verify_sender');
  if (given === '' || given === '<>') return '';
  const { local, domain } = rewrite(partsOf(given), rewriteSettings(config.rewriting));
  return (domain === undefined ? local : `${local}@${domain}`).toLowerCase();
}

/** Replies to the server's own address verification probes come in, whatever the lists say (postconf(5)). */
export function isProbe(
  { text }: Mailbox,
  envelope: Envelope,
  { probeSender, probeEnding }: { readonly probeSender: string; readonly probeEnding: number },
): boolean {
  if (isPlain(envelope) && envelope.domainEnding !== probeEnding) return false;
  return text.length === probeSender.length && text.toLowerCase() === probeSender;
}
