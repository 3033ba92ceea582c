import { type ReadyKey, readyKey } from '../../lib/ready-key.ts';
import { readEnvelope } from '../smtpd/address/syntax.ts';
import type { ClientCertificate, Conversation, Said } from '../smtpd/dialogue/conversation.ts';
import { readConversation } from '../smtpd/dialogue/read-conversation.ts';
import { peerOf } from '../smtpd/questions/peer.ts';
import type { Presented, SessionInput } from './sessions.ts';

/** A name that a server keeps as it is. */
const plainName = /^[A-Za-z0-9.-]+$/;

/**
 * What `readConversation` makes of a session of this room. There every value is judged, for anybody may have written it; these
 * are made here, from a ledger that was judged when it was read, and a fleet's are ten thousand for every server.
 */
export function conversationOf(session: SessionInput): Conversation {
  const { client, helo, protocol, tls, mailFrom, rcptTo, data } = session;
  if (session.sasl !== null || !plainName.test(helo)) return readConversation(session, undefined);
  return {
    peer: peerOf(client),
    helo: { name: helo, kept: helo },
    protocol,
    tls: tls === null ? undefined : { protocol: tls.protocol, certificate: certificateOf(tls.certificate) },
    sasl: undefined,
    mailFrom: said(mailFrom),
    rcptTo: rcptTo.map(recipientOf),
    data,
    dns: undefined,
  };
}

function said(given: string): Said {
  return { given, envelope: readEnvelope(given) };
}

/** Nearly all sessions are to the same recipient. */
let lastRecipient = said('');

function recipientOf(given: string): Said {
  if (lastRecipient.given !== given) lastRecipient = said(given);
  return lastRecipient;
}

function certificateOf(presented: Presented | null): ClientCertificate | undefined {
  if (presented === null) return undefined;
  const { trusted, subject, issuer, fingerprint, publicKeyFingerprint } = presented;
  return {
    ...{ trusted, subject, issuer, fingerprint, publicKeyFingerprint },
    fingerprintKey: keysOf(fingerprint),
    publicKeyFingerprintKey: keysOf(publicKeyFingerprint),
  };
}

function keysOf(texts: Readonly<Record<string, string>>): Readonly<Record<string, ReadyKey>> {
  const keys: Record<string, ReadyKey> = {};
  for (const name in texts) keys[name] = readyKey(texts[name] ?? '');
  return keys;
}
