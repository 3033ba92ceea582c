import { lineNames } from '../../../src/policy/explore/lines/line.ts';
import type { Lines } from '../../../src/policy/explore/lines/lines.ts';
import { holds } from '../../../src/policy/explore/region.ts';
import type { Path } from '../../../src/policy/explore/result.ts';
import type { Conversation } from '../../../src/policy/smtpd/dialogue/conversation.ts';

/** The atoms of a session by line; undefined for a session that is not ordinary, which no path stands for. */
export function locate(lines: Lines, conversation: Conversation, digest: string): readonly number[] | undefined {
  const { peer, helo, mailFrom, rcptTo, tls, sasl } = conversation;
  const [recipient] = rcptTo;
  if (mailFrom?.envelope.kind !== 'address' || recipient?.envelope.kind !== 'address') return undefined;
  // Quotes, comments and routes are for the simulator.
  if ([mailFrom, recipient].some(({ given, envelope }) => envelope.kind !== 'address' || envelope.text !== given))
    return undefined;
  const certificate = tls?.certificate;
  const fingerprint = certificate?.fingerprint[digest];
  const publicKey = certificate?.publicKeyFingerprint[digest];
  if (certificate !== undefined && (fingerprint === undefined || publicKey === undefined)) return undefined;
  const atoms = [
    lines['client address'].locate(peer.address),
    lines['client name'].locate(peer),
    helo === undefined ? 0 : lines.helo.locate(helo.name),
    lines.sender.locate(mailFrom.envelope.text),
    lines.recipient.locate(recipient.envelope.text),
    lines.certificate.locate(
      tls === undefined
        ? 'no TLS'
        : certificate === undefined
          ? 'no certificate'
          : { trusted: certificate.trusted, fingerprint: fingerprint ?? '' },
    ),
    publicKey === undefined ? 0 : lines['public key'].locate(publicKey),
    lines.login.locate(sasl),
  ];
  return atoms.includes(-1) ? undefined : atoms;
}

/** Whether a session with these atoms goes this way, as far as its own values decide. */
export function lies(path: Path, atoms: readonly number[]): boolean {
  return lineNames.every((_, line) => holds(path.regions[line] ?? [], atoms[line] ?? -1));
}
