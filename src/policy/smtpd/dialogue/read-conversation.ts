import { parseAddress } from '../../../lib/ip.ts';
import { placeholderFingerprint, unlistedWord } from '../../../lib/placeholder-fingerprint.ts';
import { type ReadyKey, readyKey } from '../../../lib/ready-key.ts';
import { readEnvelope } from '../address/syntax.ts';
import { digestOf } from '../questions/digest-names.ts';
import { keptName } from '../questions/host-name.ts';
import { peerOf } from '../questions/peer.ts';
import type { ClientCertificate, Conversation, Said } from './conversation.ts';
import { booleanOf, type Fields, fieldsOf, listOf, noMisspelt, ScenarioError, textOf } from './fields.ts';
import { readPolicy, readVerify } from './read-world.ts';

/** The rest of the world as a scenario gives it, beside DNS. */
export interface World {
  readonly policy?: unknown;
  readonly verify?: unknown;
}

/** Reads the `session` of a scenario; what is left out is filled in as a plain client would behave. */
export function readConversation(session: unknown, dns: unknown, world: World = {}): Conversation {
  const given = fieldsOf(session, 'session');
  noMisspelt(given, 'session', sessionFields);
  const client = fieldsOf(given.client, 'session.client');
  noMisspelt(client, 'session.client', clientFields);
  const address = textOf(client.address, 'session.client.address');
  if (parseAddress(address) === undefined) {
    throw new ScenarioError(
      'client-address',
      `"${address}" is not an IP address`,
      'session.client.address takes 192.0.2.1 or 2001:db8::1',
    );
  }
  const name = textOf(client.name, 'session.client.name', 'unknown');
  const mailFrom = optional(given.mailFrom, 'session.mailFrom');
  const etrn = optional(given.etrn, 'session.etrn');
  const vrfy = optional(given.vrfy, 'session.vrfy');
  const early = booleanOf(given.early, 'session.early', false);
  if (early && given.tls !== undefined && given.tls !== null)
    throw new ScenarioError(
      'early-tls',
      'a client that waits for nothing cannot start TLS',
      'set "session.tls" to null',
    );
  const policy = readPolicy(world.policy);
  const verify = readVerify(world.verify);
  return {
    peer: peerOf({ address, name, reverseName: textOf(client.reverseName, 'session.client.reverseName', name) }),
    helo: heloOf(given.helo),
    protocol: protocolOf(given.protocol),
    tls: tlsOf(given.tls),
    sasl: saslOf(given.sasl),
    mailFrom: mailFrom === undefined ? undefined : said(mailFrom),
    rcptTo: listOf(given.rcptTo, 'session.rcptTo').map((recipient, i) =>
      said(textOf(recipient, `session.rcptTo[${i}]`)),
    ),
    data: booleanOf(given.data, 'session.data', false),
    dns: dnsOf(dns),
    ...(etrn === undefined ? {} : { etrn }),
    ...(vrfy === undefined ? {} : { vrfy: { given: vrfy, envelope: said(vrfy.replace(/^<(.*)>$/, '$1')).envelope } }),
    ...(early ? { early: true } : {}),
    ...(policy === undefined ? {} : { policy }),
    ...(verify === undefined ? {} : { verify }),
  };
}

const sessionFields = new Set([
  'client',
  'helo',
  'protocol',
  'tls',
  'sasl',
  'mailFrom',
  'rcptTo',
  'data',
  'etrn',
  'vrfy',
  'early',
]);
const clientFields = new Set(['address', 'name', 'reverseName']);
const tlsFields = new Set(['protocol', 'certificate']);
const certificateFields = new Set(['trusted', 'subject', 'issuer', 'fingerprint', 'publicKeyFingerprint']);

function said(given: string): Said {
  return { given, envelope: readEnvelope(given) };
}

function optional(value: unknown, name: string): string | undefined {
  return value === undefined || value === null ? undefined : textOf(value, name);
}

/** What needs no putting in order. */
const plainName = /^[A-Za-z0-9.-]+$/;

function heloOf(value: unknown): Conversation['helo'] {
  const given = optional(value, 'session.helo');
  if (given === undefined) return undefined;
  if (plainName.test(given)) return { name: given, kept: given };
  const name = given
    .trim()
    .split(/[ \t]+/)
    .join(' ');
  return { name, kept: keptName(name) };
}

function protocolOf(value: unknown): Conversation['protocol'] {
  const protocol = textOf(value, 'session.protocol', 'ESMTP').toUpperCase();
  if (protocol === 'SMTP' || protocol === 'ESMTP') return protocol;
  throw new ScenarioError('protocol', `"${protocol}" is neither "SMTP" nor "ESMTP"`);
}

function saslOf(value: unknown): Conversation['sasl'] {
  if (value === undefined || value === null) return undefined;
  const given = fieldsOf(value, 'session.sasl');
  return {
    user: textOf(given.user, 'session.sasl.user'),
    method: textOf(given.method, 'session.sasl.method', 'PLAIN'),
  };
}

function tlsOf(value: unknown): Conversation['tls'] {
  if (value === undefined || value === null) return undefined;
  const given = fieldsOf(value, 'session.tls');
  noMisspelt(given, 'session.tls', tlsFields);
  return {
    protocol: textOf(given.protocol, 'session.tls.protocol', 'TLSv1.3'),
    certificate: certificateOf(given.certificate),
  };
}

function certificateOf(value: unknown): ClientCertificate | undefined {
  if (value === undefined || value === null) return undefined;
  const given = fieldsOf(value, 'session.tls.certificate');
  noMisspelt(given, 'session.tls.certificate', certificateFields);
  const fingerprint = fingerprintsOf(given.fingerprint, 'session.tls.certificate.fingerprint');
  const publicKeyFingerprint = fingerprintsOf(
    given.publicKeyFingerprint,
    'session.tls.certificate.publicKeyFingerprint',
  );
  return {
    trusted: booleanOf(given.trusted, 'session.tls.certificate.trusted', false),
    subject: textOf(given.subject, 'session.tls.certificate.subject', ''),
    issuer: textOf(given.issuer, 'session.tls.certificate.issuer', ''),
    fingerprint,
    publicKeyFingerprint,
    fingerprintKey: keysOf(fingerprint),
    publicKeyFingerprintKey: keysOf(publicKeyFingerprint),
  };
}

function fingerprintsOf(value: unknown, name: string): Readonly<Record<string, string>> {
  const given: Fields = value === undefined || value === null ? {} : fieldsOf(value, name);
  // An ordinary object: one without a prototype is a hash table of its own, for each of a million sessions.
  const fingerprints: Record<string, string> = {};
  for (const [digest, text] of Object.entries(given)) {
    const own = digestOf(digest);
    fingerprints[own] = readFingerprint(textOf(text, `${name}.${digest}`), own);
  }
  return fingerprints;
}

/** Each fingerprint as a key. */
function keysOf(texts: Readonly<Record<string, string>>): Readonly<Record<string, ReadyKey>> {
  const keys: Record<string, ReadyKey> = {};
  for (const name in texts) keys[name] = readyKey(texts[name] ?? '');
  return keys;
}

/**
 * A fingerprint as Postfix writes it, upper-case hex pairs with colons, from hex with or without colons, or from the word
 * for one that no table lists. Anything else throws a ScenarioError.
 */
function readFingerprint(text: string, digest: string): string {
  // As it usually comes; a fleet is verified with hundred thousands of them.
  if (/^[0-9A-F]{2}(?::[0-9A-F]{2})*$/.test(text)) return text;
  if (text === unlistedWord) return placeholderFingerprint(digest, 0xa0);
  const hex = text.replaceAll(':', '').toUpperCase();
  if (hex === '' || !/^(?:[0-9A-F]{2})+$/.test(hex) || !/^[0-9A-Fa-f]{2}(?::?[0-9A-Fa-f]{2})*$/.test(text)) {
    throw new ScenarioError(
      'fingerprint',
      `"${text}" is not a fingerprint`,
      'write it as hex pairs, 12:34:… or 1234…, or "unlisted"',
    );
  }
  return hex.replace(/..(?=.)/g, '$&:');
}

function dnsOf(value: unknown): Conversation['dns'] {
  if (value === undefined || value === null) return undefined;
  const given = fieldsOf(value, 'dns');
  const records: Record<string, readonly string[] | string> = Object.create(null);
  for (const [key, answer] of Object.entries(given)) {
    if (!/^[^/]*\/[A-Za-z]+$/.test(key))
      throw new ScenarioError(
        'dns-name',
        `"${key}" is not a DNS question`,
        'write it as name/TYPE, e.g. example.org/MX',
      );
    const name = key.toLowerCase();
    records[name] =
      typeof answer === 'string'
        ? answer
        : listOf(answer, `dns["${key}"]`).map((text) => textOf(text, `dns["${key}"]`));
  }
  return records;
}
