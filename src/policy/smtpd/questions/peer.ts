import { endingOf } from '../../../lib/ending.ts';
import { type Address, parseAddress, unmapped } from '../../../lib/ip.ts';
import { foldAscii, readied } from '../../../lib/text.ts';
import type { Peer } from '../dialogue/conversation.ts';
import type { DialogueSettings } from '../start/settings.ts';
import type { Trail } from './trail.ts';

/**
 * The client as the server knows it. Names are facts of the conversation: a verified name implies that both of its
 * lookups went well, and a reverse name without one that it did not lead back.
 */
export function peerOf(client: {
  readonly address: string;
  readonly name: string;
  readonly reverseName: string;
}): Peer {
  const plain = addressOf(client.address);
  const address = plain?.text ?? client.address;
  const name = client.name === '' ? 'unknown' : client.name;
  const reverse = client.reverseName === '' ? 'unknown' : client.reverseName;
  const verified = name !== 'unknown';
  const reversed = reverse !== 'unknown';
  const foldedName = readied(foldAscii(name));
  return {
    address,
    parsed: plain,
    v4: plain?.family === 4 ? plain.key | 0 : undefined,
    name,
    foldedName,
    nameEnding: endingOf(foldedName),
    nameStatus: verified ? 'ok' : reversed ? 'forged' : 'none',
    reverseName: reverse,
    reverseNameStatus: reversed ? 'ok' : 'none',
    namaddr: `${name}[${address}]`,
  };
}

/** What was read last: whoever verifies a fleet has all of it come from one address. */
let last: { readonly text: string; readonly plain: Address | undefined } = { text: '', plain: undefined };

function addressOf(text: string): Address | undefined {
  if (text === last.text) return last.plain;
  const parsed = parseAddress(text);
  last = { text, plain: parsed === undefined ? undefined : unmapped(parsed) };
  return last.plain;
}

/** The same client for a server that looks no names up (smtpd_peername_lookup). */
export function withoutNames({ address }: Peer): Peer {
  return peerOf({ address, name: 'unknown', reverseName: 'unknown' });
}

/** The client as a server with these settings sees it. */
export function seenPeer(
  client: Peer,
  { peerNameLookup, portLogging }: Pick<DialogueSettings, 'peerNameLookup' | 'portLogging'>,
  trail: Trail,
): Peer {
  const peer = peerNameLookup ? client : withoutNames(client);
  if (!portLogging) return peer;
  // Two ports stand for all: a reply that shows the port is one that nobody can foretell.
  return { ...peer, namaddr: `${peer.namaddr}:${trail.suppose('client port', ['1', '2'])}` };
}
