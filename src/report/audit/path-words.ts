import { isPlaceholder, withoutPlaceholders } from '../../lib/placeholder-fingerprint.ts';
import type { Span } from '../../lib/problem.ts';
import type { Assumption, Condition, Outcome, Path, Witness, WitnessSession } from '../../policy/explore/result.ts';
import type { Place } from '../../policy/smtpd/questions/place.ts';

/** An element of a list, and where the list is set; no place: a default. */
export interface LocatedElement {
  readonly place: Place;
  readonly where?: Span;
}

/** A path that is shown: its session, what becomes of it, and how to see that for oneself. */
export interface Shown {
  readonly path: Path;
  readonly outcome: Outcome;
  readonly witness: Witness;
  /** Absent where no command line can name the server. */
  readonly command?: string;
}

/** `smtpd_relay_restrictions[2] permit_tls_clientcerts, main.cf:12`. */
export function elementText({ place, where }: LocatedElement): string {
  const argument = place.argument === undefined ? '' : ` ${place.argument}`;
  const at = where === undefined ? 'a default' : `${where.file}:${where.line}`;
  return `${place.list}[${place.index}] ${place.restriction}${argument}, ${at}`;
}

type ShownCertificate = NonNullable<NonNullable<WitnessSession['tls']>['certificate']>;

/** Longer than this a list of values is cut: nobody reads ten thousand. */
const longest = 200;

/** What the sessions of a path have in common on one line, cut where it is long. */
export function conditionText({ line, words }: Condition): string {
  const cut = words.length > longest ? `${words.slice(0, longest)}…` : words;
  return cut.startsWith(line) || cut.includes(line) ? cut : `${line}: ${cut}`;
}

/** What a path supposes of the world, and whether that is in the client's own hands. */
export function assumptionText({ fact, answer, chosenBy }: Assumption): string {
  if (chosenBy !== 'client') return `${fact}: ${answer}`;
  return `${fact}: ${answer} (${fact.startsWith('table ') ? 'true of all that it does not list' : 'the client chooses that'})`;
}

/** `250 2.1.5`, or what there is in place of a reply. */
export function outcomeText({ verdict, code, enhanced }: Outcome): string {
  if (verdict === 'fatal') return 'no server runs';
  if (code === 0) return 'the connection is closed without a reply';
  const reply = enhanced === '' ? String(code) : `${code} ${enhanced}`;
  return `${verdict === 'permit' ? 'permitted' : verdict === 'discard' ? 'discarded' : 'refused'}, ${reply}`;
}

/** The session of a path in one line. */
export function sessionText({ session }: Witness): string {
  const { client, helo, tls, sasl, mailFrom, rcptTo } = session;
  const name = client.name === 'unknown' ? client.address : `${client.name}[${client.address}]`;
  const certificate = tls?.certificate ?? undefined;
  const shown =
    tls === null
      ? 'plain text'
      : certificate === undefined
        ? 'TLS without a certificate'
        : `${certificate.trusted ? 'trusted' : 'untrusted'} certificate ${certificateText(certificate)}`;
  const login = sasl === null ? '' : `, logged in as "${sasl.user}"`;
  const greeting = helo === undefined ? ', no HELO' : `, HELO ${helo}`;
  return `${name}${greeting}, ${shown}${login}, from <${mailFrom}> to <${rcptTo.join('>, <')}>`;
}

/** By which fingerprint it is listed, cut short; a certificate that was made up for an example has none to show. */
function certificateText({ fingerprint, publicKeyFingerprint }: ShownCertificate): string {
  const listedIn = (set: Readonly<Record<string, string>>) =>
    Object.entries(set).find(([, text]) => !isPlaceholder(text));
  const [digest, text] = listedIn(fingerprint) ?? [];
  if (text !== undefined) return `${digest} ${text.slice(0, 11)}…`;
  const [ofKey, key] = listedIn(publicKeyFingerprint) ?? [];
  return key === undefined ? 'that is not listed' : `of the public key ${ofKey} ${key.slice(0, 11)}…`;
}

/** Whether the simulator, which is another program than the exploration, says the same. */
export function confirmationText({ confirmed }: Witness): string {
  if (confirmed.includes('contradicted'))
    return 'the simulator contradicts that: a defect of certrelay, please report it';
  if (confirmed.includes('supposed')) return 'the simulator agrees, given what is assumed';
  return 'the simulator agrees';
}

/** A place for programs. */
export function elementDocument({ place, where }: LocatedElement) {
  const { list, index, restriction, argument } = place;
  return {
    ...{ list, index, restriction },
    ...(argument === undefined ? {} : { argument }),
    ...(where === undefined ? { default: true } : { where, default: false }),
  };
}

/** The conditions of a path for programs; `open` where values are among them that no key names. */
export function conditionsDocument(conditions: readonly Condition[]) {
  return conditions.map(({ line, words, listed, open }) => ({ line, words, listed, open }));
}

/** A session that shows something, for programs; `session` and `world` are those of a scenario. */
export function shownDocument({ outcome, witness, command }: Shown) {
  const { verdict, stage, code, enhanced } = outcome;
  return {
    ...{ session: withoutPlaceholders(witness.session), world: witness.world, verdict, stage, code, enhanced },
    confirmed: confirmationOf(witness),
    supposed: witness.supposed.map(({ fact, answer }) => ({ fact, answer })),
    ...(command === undefined ? {} : { simulate: command }),
  };
}

function confirmationOf({ confirmed }: Witness): string {
  return confirmed.includes('contradicted')
    ? 'contradicted'
    : confirmed.includes('supposed')
      ? 'supposed'
      : 'simulated';
}
