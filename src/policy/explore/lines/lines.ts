import type { PostfixConfig } from '../../postfix/config.ts';
import { type Cut, listCuts } from '../../postfix/cut.ts';
import { atLeast } from '../../postfix/version.ts';
import { withoutExtension } from '../../smtpd/address/keys.ts';
import { fingerprintDigest } from '../../smtpd/questions/digest-names.ts';
import { validAddressLiteral } from '../../smtpd/questions/own-address.ts';
import type { Subject } from '../../smtpd/questions/subjects.ts';
import { AddressLine } from './address-line.ts';
import { CertificateLine } from './certificate-line.ts';
import { HeloLine } from './helo-line.ts';
import { type LineName, lineNames } from './line.ts';
import { LoginLine } from './login-line.ts';
import { MailboxLine, type MailboxSettings } from './mailbox-line.ts';
import { isOrdinaryName } from './name-tree.ts';
import { PeerNameLine } from './peer-name-line.ts';
import { PublicKeyLine } from './public-key-line.ts';

/** The lines of one exploration. */
export interface Lines {
  readonly 'client address': AddressLine;
  readonly 'client name': PeerNameLine;
  readonly helo: HeloLine;
  readonly sender: MailboxLine;
  readonly recipient: MailboxLine;
  readonly certificate: CertificateLine;
  readonly 'public key': PublicKeyLine;
  readonly login: LoginLine;
}

/** Position of each line in arrays of regions and atoms. */
export const lineIndex: Readonly<Record<LineName, number>> = Object.fromEntries(
  lineNames.map((name, i) => [name, i]),
) as Record<LineName, number>;

/** The line that a subject lies on; -1: it has none, and is asked about literally. */
export function lineOf(subject: Subject): number {
  return subject in lineIndex ? lineIndex[subject as LineName] : -1;
}

/** Cuts the lines for several configurations at once, so that their regions can be compared. */
export function cutLines(configs: readonly PostfixConfig[], cuts: Readonly<Record<LineName, readonly Cut[]>>): Lines {
  const keys = (line: LineName) => keysOf(cuts[line]);
  const digests = [...new Set(configs.map(fingerprintDigest))];
  return {
    'client address': new AddressLine(keys('client address')),
    'client name': new PeerNameLine(keys('client name')),
    helo: new HeloLine(keys('helo')),
    sender: new MailboxLine(cuts.sender, mailboxSettings(configs, 'from', true)),
    recipient: new MailboxLine(cuts.recipient, mailboxSettings(configs, 'to', false)),
    certificate: new CertificateLine(keys('certificate'), digests),
    'public key': new PublicKeyLine(keys('public key'), digests),
    login: new LoginLine(keys('login')),
  };
}

function* keysOf(cuts: readonly Cut[]): Iterable<string> {
  for (const { keys } of cuts) yield* keys;
}

function mailboxSettings(configs: readonly PostfixConfig[], label: string, nullSender: boolean): MailboxSettings {
  const homes = new Set<string>();
  const origins = new Set<string>();
  const parents = new Set<string>();
  let extension = '';
  // trivial-rewrite(8) completes addresses by its own settings, the server looks them up by others.
  const readers = configs.flatMap((config) => (config.rewriting === config ? [config] : [config, config.rewriting]));
  for (const config of readers) {
    for (const { keys } of listCuts([config.matchList('mydestination')])) {
      for (const key of keys) homes.add(key.toLowerCase());
    }
    const origin = config.get('myorigin').toLowerCase();
    homes.add(origin);
    if (config.boolean('append_at_myorigin')) origins.add(origin);
    if (config.boolean('append_dot_mydomain')) parents.add(config.get('mydomain').toLowerCase());
    const delimiter = config.get('recipient_delimiter');
    const first = (atLeast(config.version, '2.11') ? delimiter : delimiter.slice(0, 1)).charAt(0);
    if (extension === '' && /^[-+_.=]$/.test(first)) extension = `${first}ext`;
  }
  return {
    label,
    homes: new Set([...homes].filter((home) => isOrdinaryName(home) || validAddressLiteral(home))),
    isHome: (domain) => readers.some((config) => config.matchList('mydestination').matchString(domain) === true),
    origins: [...origins],
    parents: [...parents],
    base: (local) => configs.map((config) => withoutExtension(local, config)).find((base) => base !== undefined),
    extension,
    nullSender,
  };
}
