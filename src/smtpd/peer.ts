import { parseAddress, unmapped } from '../lib/ip.ts';
import type { Conversation } from './conversation.ts';
import type { Peer } from './session.ts';

/**
 * The client as the server knows it. Names are facts of the conversation: a verified name implies that both of its
 * lookups went well, and a reverse name without one that it did not lead back. `named`: smtpd_peername_lookup.
 */
export function peerOf({ client }: Conversation, named: boolean): Peer {
  const parsed = parseAddress(client.address);
  const address = parsed === undefined ? client.address : unmapped(parsed).text;
  const name = named && client.name !== '' ? client.name : 'unknown';
  const reverse = named && client.reverseName !== '' ? client.reverseName : 'unknown';
  const verified = name !== 'unknown';
  const reversed = reverse !== 'unknown';
  return {
    address,
    name,
    nameStatus: verified ? 'ok' : reversed ? 'forged' : 'none',
    reverseName: reverse,
    reverseNameStatus: reversed ? 'ok' : 'none',
    namaddr: `${name}[${address}]`,
  };
}
