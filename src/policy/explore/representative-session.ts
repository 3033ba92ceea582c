import { placeholderFingerprint } from '../../lib/placeholder-fingerprint.ts';
import { readyKey } from '../../lib/ready-key.ts';
import { EnvelopeMailbox } from '../smtpd/address/envelope-mailbox.ts';
import type { Resolver } from '../smtpd/address/resolve.ts';
import { readEnvelope } from '../smtpd/address/syntax.ts';
import type { ClientCertificate, Conversation, Peer, Said } from '../smtpd/dialogue/conversation.ts';
import { type Mailbox, Session, type TlsSession } from '../smtpd/dialogue/session.ts';
import { keptName } from '../smtpd/questions/host-name.ts';
import { peerOf, withoutNames } from '../smtpd/questions/peer.ts';
import { asSeen, type TlsSettings } from '../smtpd/questions/tls.ts';
import type { Trail } from '../smtpd/questions/trail.ts';
import { addressInList } from '../smtpd/restrictions/dns-lists.ts';
import { lineNames } from './lines/line.ts';
import { type Lines, lineIndex } from './lines/lines.ts';
import { holds, type Region } from './region.ts';

type Mutable<T> = { -readonly [field in keyof T]: T[field] };

/** What a representative session needs to know of its server. */
export interface Server {
  readonly resolver: Resolver;
  readonly tls: TlsSettings;
  readonly peerNameLookup: boolean;
  /** smtpd_tls_fingerprint_digest of each of the programs. */
  readonly digests: readonly string[];
}

/** Which commands its dialogue has. */
export interface Shape {
  /** A message is sent after the recipient. */
  readonly data: boolean;
  /** No HELO is sent. */
  readonly silent: boolean;
  /** No STARTTLS is sent: the session's TLS is set when a question first needs it. */
  readonly hidesTls: boolean;
}

const address = lineIndex['client address'];
const name = lineIndex['client name'];
const { helo, sender, recipient, certificate, login } = lineIndex;
const publicKey = lineIndex['public key'];

/** One session that stands for all of its regions: on each line the value of one atom. */
export class RepresentativeSession {
  readonly conversation: Mutable<Conversation>;
  readonly session: Session;
  readonly atoms: Int32Array;
  private readonly lines: Lines;
  private readonly shape: Shape;
  private readonly server: Server;
  private readonly trail: Trail;
  private peer: Peer;
  private mailboxes: { sender: Mailbox | undefined; recipient: Mailbox | undefined } = {
    sender: undefined,
    recipient: undefined,
  };
  /** What the server sees of TLS; undefined: nothing. */
  private tls: TlsSession | undefined = undefined;

  constructor(lines: Lines, server: Server, trail: Trail, shape: Shape) {
    this.lines = lines;
    this.shape = shape;
    this.server = server;
    this.trail = trail;
    this.atoms = new Int32Array(lineNames.length);
    this.peer = peerOf({ address: '192.0.2.1', name: '', reverseName: '' });
    this.conversation = {
      peer: this.peer,
      helo: undefined,
      protocol: 'ESMTP',
      tls: undefined,
      sasl: undefined,
      mailFrom: undefined,
      rcptTo: [],
      data: shape.data,
      dns: undefined,
    };
    this.session = new Session(this.conversation, this.peer);
    for (let line = 0; line < lineNames.length; line++) this.take(line, 0);
  }

  /** Moves to another atom on a line. */
  take(line: number, atom: number): void {
    this.atoms[line] = atom;
    const { conversation, lines } = this;
    if (line === address || line === name) {
      const names = lines['client name'].value(this.atoms[name] ?? 0);
      conversation.peer = peerOf({ address: lines['client address'].value(this.atoms[address] ?? 0), ...names });
      this.peer = this.server.peerNameLookup ? conversation.peer : withoutNames(conversation.peer);
    } else if (line === helo) {
      const given = lines.helo.value(atom);
      conversation.helo = this.shape.silent ? undefined : { name: given, kept: keptName(given) };
    } else if (line === sender) {
      conversation.mailFrom = unresolved(lines.sender.value(atom));
      this.mailboxes.sender = undefined;
    } else if (line === recipient) {
      conversation.rcptTo = [unresolved(lines.recipient.value(atom))];
      this.mailboxes.recipient = undefined;
    } else if (line === login) {
      conversation.sasl = lines.login.value(atom);
    } else {
      const given = this.shown();
      const { tls } = this.server;
      if (!this.shape.hidesTls) conversation.tls = given;
      this.tls = given !== undefined && tls.offered && !tls.broken ? asSeen(given, tls) : undefined;
    }
  }

  /** Stays on its atom if that is in the region, else takes the best atom of the region. */
  keepTo(line: number, region: Region): void {
    if (!holds(region, this.atoms[line] ?? -1)) this.takeBest(line, region);
  }

  /** Takes the best atom of a region. */
  takeBest(line: number, region: Region): void {
    const lineName = lineNames[line];
    if (lineName !== undefined) this.take(line, this.lines[lineName].pick(region));
  }

  /** Puts what it stands for on one line into the session, where a command has put something already. */
  show(line: number): void {
    const { session } = this;
    if (line === address || line === name) session.peer = this.peer;
    else if (line === helo) session.helo = this.conversation.helo?.kept;
    else if (line === sender) session.sender = this.mailbox('sender', this.conversation.mailFrom);
    else if (line === recipient) session.recipient = this.mailbox('recipient', this.conversation.rcptTo[0]);
    else if (line === certificate || line === publicKey) session.tls = this.tls;
  }

  /** Words of its own values on a line in questions to the world, with what stands for them. */
  texts(line: number): readonly (readonly [text: string, placeholder: string])[] {
    const texts: [string, string][] = [];
    if (line === address) {
      texts.push([this.peer.address, '<client address>']);
      this.show(address);
      const reversed = addressInList(this.session)?.query;
      if (reversed !== undefined) texts.push([reversed, '<client address, reversed>']);
    } else if (line === name) {
      if (this.conversation.peer.reverseName !== 'unknown')
        texts.push([this.conversation.peer.reverseName, '<client name>']);
      // A table that cannot be read is asked about both at once: `name[address]`.
      texts.push([this.peer.address, '<client address>']);
    } else if (line === helo) {
      texts.push([this.conversation.helo?.kept ?? '', '<helo name>']);
    } else if (line === login) {
      texts.push([this.conversation.sasl?.user ?? '', '<login>']);
    } else if (line === certificate || line === publicKey) {
      const shown = this.tls?.certificate;
      for (const text of Object.values(shown?.fingerprint ?? {})) texts.push([text, '<certificate fingerprint>']);
      for (const text of Object.values(shown?.publicKeyFingerprint ?? {}))
        texts.push([text, '<public key fingerprint>']);
    } else if (line === sender || line === recipient) {
      const party = line === sender ? 'sender' : 'recipient';
      const text = (line === sender ? this.conversation.mailFrom : this.conversation.rcptTo[0])?.given ?? '';
      const at = text.lastIndexOf('@');
      texts.push([text, `<${party}>`]);
      if (at > 0) {
        texts.push([text.slice(at + 1), `<${party} domain>`]);
        texts.push([`"${text.slice(0, at)}"`, `"<${party} local part>"`]);
      }
    }
    return texts.filter(([text]) => text !== '');
  }

  private mailbox(party: 'sender' | 'recipient', said: Said | undefined): Mailbox | undefined {
    const known = this.mailboxes[party];
    if (known !== undefined || said === undefined) return known;
    const envelope = readEnvelope(said.given);
    if (envelope.kind !== 'address') return undefined;
    const made = new EnvelopeMailbox(envelope, this.server.resolver, this.trail);
    this.mailboxes[party] = made;
    return made;
  }

  /** Forgets what was looked up under suppositions that no longer hold. */
  forget(): void {
    this.mailboxes = { sender: undefined, recipient: undefined };
  }

  private shown(): Conversation['tls'] {
    const shown = this.lines.certificate.value(this.atoms[certificate] ?? 0);
    if (shown === 'no TLS') return undefined;
    const protocol = 'TLSv1.3';
    if (shown === 'no certificate') return { protocol, certificate: undefined };
    const key = this.lines['public key'].value(this.atoms[publicKey] ?? 0);
    const own = byDigest(shown.fingerprint, this.server.digests, 0xe0);
    const ofKey = byDigest(key, this.server.digests, 0xd0);
    const shownCertificate: ClientCertificate = {
      trusted: shown.trusted,
      subject: 'client',
      issuer: 'authority',
      fingerprint: own,
      publicKeyFingerprint: ofKey,
      fingerprintKey: keysOf(own),
      publicKeyFingerprintKey: keysOf(ofKey),
    };
    return { protocol, certificate: shownCertificate };
  }
}

/**
 * An address for a dialogue that would look it up to see whether it is one at all: every ordinary one is, and what it comes
 * to is a matter of the questions.
 */
function unresolved(text: string): Said {
  return { given: text, envelope: { kind: 'address', text, plainDomain: 'example', domainEnding: 0 } };
}

/** A fingerprint under the digest whose length it has; under any other the certificate has one that nothing names. */
function byDigest(fingerprint: string, digests: readonly string[], first: number): Readonly<Record<string, string>> {
  if (digests.length === 1) return { [digests[0] ?? '']: fingerprint };
  return Object.fromEntries(
    digests.map((digest) => {
      const example = placeholderFingerprint(digest, first);
      return [digest, example.length === fingerprint.length ? fingerprint : example];
    }),
  );
}

function keysOf(fingerprints: Readonly<Record<string, string>>) {
  return Object.fromEntries(Object.entries(fingerprints).map(([digest, text]) => [digest, readyKey(text)]));
}
