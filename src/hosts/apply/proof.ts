import { type Bench, bench } from '../../policy/identities/judge.ts';
import type { SmtpServers } from '../../policy/postfix/smtp-services.ts';
import { tokens } from '../../policy/postfix/tokens.ts';
import { digestOf } from '../../provision/ledger/listed-lines.ts';
import { readMapFile } from '../../provision/ledger/map-file.ts';
import { expectations, type Identity, type Situation } from '../../provision/verify/expectations.ts';
import { identityOf } from '../../provision/verify/listed-identities.ts';
import { nobodyElse } from '../../provision/verify/nobody-else.ts';
import { assumptionsOf, claimable, outsideOf } from '../../provision/verify/outsiders.ts';
import { ownServiceExpectations, ticketsRow } from '../../provision/verify/own-service.ts';
import type { ServerVerification } from '../../provision/verify/verify.ts';
import { type Outcome, type Row, verify } from '../../provision/verify/verify.ts';
import type { Manifest } from '../programs/manifest.ts';
import { dedicatedServiceOf, folderValueOf } from './dedicated-service.ts';
import type { HostTexts } from './host-texts.ts';
import type { HostFolder } from './read-folder.ts';

/** What a host's servers are judged by. */
export interface ProofInput {
  readonly manifest: Manifest;
  readonly version: string;
  readonly listed: readonly Identity[];
  readonly servers: SmtpServers;
  /** The host as it is, and as it will be. */
  readonly before: HostTexts;
  readonly after: HostTexts;
}

/**
 * Judges the host's resulting configuration, service by service. Of the servers that clients reach every expectation must
 * hold; of all others only that none lets in unlisted clients that it refused before.
 */
export function proofOf(input: ProofInput): readonly ServerVerification[] {
  const { servers, manifest, version } = input;
  const reached = servers.reached.map(({ listener }) => {
    const { rows, assumptions } = judged(listener, input);
    return { ...head(listener), assumptions, rows };
  });
  const others = servers.others.flatMap((listener) => {
    const opened = openedRows(listener, input);
    return opened.length === 0 ? [] : [{ ...head(listener), assumptions: [], rows: opened }];
  });
  return [...reached, ...others];

  function head(listener: string) {
    return { server: `${manifest.host}, service "${listener}",`, base: "this host's own settings", postfix: version };
  }
}

/** The verdict on all rows. What is compared with the host's own and cannot be decided, before or after, is no reason to stop. */
export function outcomeOf(verifications: readonly ServerVerification[]): Outcome {
  const rows = verifications.flatMap((one) => one.rows);
  if (rows.some(({ outcome }) => outcome === 'broken')) return 'broken';
  return rows.some(({ outcome, wanted }) => outcome === 'unknown' && wanted !== 'as-base') ? 'unknown' : 'met';
}

function benches(listener: string, { version, before, after }: ProofInput) {
  const made = ({ mainCf, masterCf, tables }: HostTexts) =>
    bench({ version, mainCf, masterCf, service: listener, tables });
  return { was: made(before), is: made(after) };
}

function judged(listener: string, input: ProofInput) {
  const { manifest, listed } = input;
  const isOwn = dedicatedServiceOf(manifest)?.listener === listener;
  const { was, is } = isOwn ? ownBenches(listener, input) : benches(listener, input);
  const situation: Situation = {
    ...nobody(is, was),
    admitted: listed,
    claimed: claimable({ admitted: listed, excluded: [], issuer: '' }, [mentioned(listed, input)]),
    saslInUse: was.config.boolean('smtpd_sasl_auth_enable') && (isOwn || keepsLogins(manifest, was)),
  };
  const wanted = isOwn ? ownServiceExpectations : expectations;
  const others = nobodyElse(listed, situation.foreignAddress, is, isOwn ? undefined : was);
  const followed = others.row === undefined ? [] : [others.row];
  const tickets = isOwn ? [ticketsRow(is, situation.foreignAddress)] : [];
  return {
    rows: [...verify(situation, is.judge, was.judge, wanted), ...followed, ...tickets],
    assumptions: [
      ...assumptionsOf(is, 'of which there is no text'),
      ...(others.assumption === undefined ? [] : [others.assumption]),
    ],
  };
}

/** A service that the folder brings was not there before: what it is compared with is the host's main.cf. */
function ownBenches(listener: string, { version, before, after }: ProofInput) {
  const { mainCf, tables } = before;
  return {
    was: bench({ version, mainCf, tables }),
    is: bench({ version, mainCf: after.mainCf, masterCf: after.masterCf, service: listener, tables: after.tables }),
  };
}

/**
 * The clients whose names occur in the host's own texts, in one text. The folder's tables name all of them and mean the
 * certificates; to look for a hundred thousand names in a text one by one would take minutes.
 */
function mentioned(listed: readonly Identity[], { manifest, before }: ProofInput): string {
  const own = new Set(manifest.maps.map(({ path }) => path));
  const tables = Object.entries(before.tables).flatMap(([path, text]) => (own.has(path) ? [] : [text]));
  const names = new Set(listed.map(({ client }) => client));
  const found = new Set<string>();
  for (const text of [...before.mainCf.map((part) => part.text), before.masterCf, ...tables]) {
    for (const [word] of text.toLowerCase().matchAll(/[a-z0-9_-]+(?:\.[a-z0-9_-]+)+/g))
      if (names.has(word)) found.add(word);
  }
  return [...found].join('\n');
}

/** Rows of another service by which unlisted clients get in that did not before. */
function openedRows(listener: string, input: ProofInput): readonly Row[] {
  const { was, is } = benches(listener, input);
  const rows = verify(nobody(is, was), is.judge, was.judge);
  return rows.filter(({ wanted, outcome, witness }) => {
    if (wanted !== 'refuse' || outcome !== 'broken') return false;
    const { verdict } = was.judge(witness.session);
    return verdict !== 'permit' && verdict !== 'fatal';
  });
}

function nobody(is: Bench, was: Bench): Situation {
  return {
    ...{ admitted: [], excluded: [], issuer: 'the authority', claimed: [], saslInUse: false },
    ...outsideOf(is, was),
    localRecipient: `postmaster@${is.config.get('myhostname')}`,
  };
}

/** Where the folder's lists leave logins out, somebody asked for that (--no-permit-sasl). */
function keepsLogins({ settings }: Manifest, { config }: Bench): boolean {
  const lists = settings.filter(
    ({ name, value }) => /^smtpd_(?:relay|recipient)_restrictions$/.test(name) && value !== '',
  );
  const permits = (value: string) => tokens(value.toLowerCase(), config.version).includes('permit_sasl_authenticated');
  return lists.length === 0 || lists.some(({ value }) => permits(value));
}

/**
 * Those who present what a line of the folder's relay_clientcerts lists, in the digest in force. While digests are
 * exchanged the map has lines in the other one too, which admit nobody yet.
 */
export function listedIdentities({ manifest, files }: HostFolder): readonly Identity[] {
  const digest = folderValueOf(manifest, 'smtpd_tls_fingerprint_digest') ?? 'sha1';
  const map = [...manifest.maps, ...manifest.tables].find(({ file }) => file === 'relay_clientcerts');
  if (map === undefined) return [];
  const { lines } = readMapFile(files.get(map.file)?.toString('utf8') ?? '');
  return lines
    .filter(({ fingerprint }) => digestOf(fingerprint) === digest)
    .map((line) =>
      identityOf(line, digest, {
        trusted: true,
        byKey: line.comments.some((comment) => comment.includes(': public key')),
      }),
    );
}
