import { exploreServers } from '../../policy/explore/explore.ts';
import type { Exploration } from '../../policy/explore/result.ts';
import { ExploredServer } from '../../policy/explore/server.ts';
import type { Bench } from '../../policy/identities/judge.ts';
import type { Table } from '../../policy/postfix/config.ts';
import { tokens } from '../../policy/postfix/tokens.ts';
import type { Identity } from './expectations.ts';

/** So many are played sooner than anything is proved of them. */
const few = 200;
/** As many paths are followed; a server with more is judged session by session. */
const mostPaths = 500;

/**
 * Of identities that must be able to relay, those whose sessions have to be played; one stands for all others that are as it is.
 *
 * That is proved, not supposed. Every path from this address to another site that shows the first one's certificate is followed,
 * whatever the client calls itself and whoever sends, on the same server with no lines in its map but the first one's: all must end in
 * a permit without anything being supposed of the world. Another whose fingerprints are found, or not found, in the whole map as the
 * first one's are, and which no other table or list names, gets the same answer to every question, for a fingerprint is looked up
 * as a whole and what the map says beside it is not read.
 */
export function playedOnes(
  admitted: readonly Identity[],
  foreignAddress: string,
  whole: Bench,
  withLines: (lines: ReadonlySet<string>) => Bench,
): readonly Identity[] {
  const [first] = admitted;
  const map = mapOf(whole);
  if (admitted.length < few || first === undefined || map === undefined) return admitted;
  const digest = whole.config.get('smtpd_tls_fingerprint_digest');
  const [certificate, key] = shownBy(first, digest);
  const lines = new Set([certificate, key].filter((each) => isListed(map, each)));
  const exploration = lines.size === 0 ? undefined : letIn(certificate, key, lines, foreignAddress, withLines(lines));
  if (exploration === undefined) return admitted;
  const pattern = patternOf(map, certificate, key);
  const isNamed = (line: 'certificate' | 'public key', fingerprint: string): boolean =>
    exploration.lines[line].span(fingerprint).length > 0;
  return admitted.filter((one) => {
    if (one === first) return true;
    const [own, ownKey] = shownBy(one, digest);
    return isNamed('certificate', own) || isNamed('public key', ownKey) || patternOf(map, own, ownKey) !== pattern;
  });
}

/** The one table of clients that the server has; undefined where it has several, or one that cannot be asked. */
function mapOf({ config }: Bench): Table | undefined {
  const [spec, ...more] = tokens(config.get('relay_clientcerts'), config.version);
  if (config.fatal !== undefined || spec === undefined || more.length > 0) return undefined;
  const table = config.table(spec);
  return table.fixed && table.opaque === undefined ? table : undefined;
}

function shownBy({ certificate }: Identity, digest: string): readonly [string, string] {
  return [certificate.fingerprint[digest] ?? '', certificate.publicKeyFingerprint[digest] ?? ''];
}

function isListed(map: Table, fingerprint: string): boolean {
  return typeof map.find(fingerprint) === 'string';
}

/** Which of the two is listed: nothing, the certificate, the key, or both. */
function patternOf(map: Table, certificate: string, key: string): number {
  return (isListed(map, certificate) ? 1 : 0) + (isListed(map, key) ? 2 : 0);
}

/** All paths of who shows this certificate, where each of them lets it in; else undefined. */
function letIn(
  certificate: string,
  key: string,
  listed: ReadonlySet<string>,
  address: string,
  { config }: Bench,
): Exploration | undefined {
  const server = new ExploredServer(config);
  if (server.program.fatal !== undefined) return undefined;
  const within = {
    'client address': [address],
    // One that no line names is any that no line names.
    certificate: [listed.has(certificate) ? certificate : '!none'],
    ...(listed.has(key) ? { 'public key': [key] } : {}),
  };
  const exploration = exploreServers([server], { recipients: 'remote', limit: mostPaths, within, silent: false });
  const { paths, limited, untold } = exploration;
  const isProved =
    !limited &&
    untold.length === 0 &&
    paths.length > 0 &&
    exploration.within.every((region) => region.length > 0) &&
    paths.every(({ outcomes, assumptions }) => outcomes[0]?.verdict === 'permit' && assumptions.length === 0);
  return isProved ? exploration : undefined;
}
