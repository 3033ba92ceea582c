import { play } from '../../../hosts/probe/dialogue.ts';
import { placeText, readPlace } from '../../../hosts/probe/place.ts';
import { CertrelayError, type Problem } from '../../../lib/problem.ts';
import { failure } from '../probe/failure.ts';

/** A server that has nothing to say for so long has no certificate to show. */
const patience = 15_000;

/** The certificate of a running server in DER, and what else its session showed. */
export interface ServersCertificate {
  readonly certificate: Uint8Array;
  readonly notes: readonly Problem[];
}

/**
 * Asks a running server for its certificate, over STARTTLS, or over TLS at once on the ports where that is usual.
 * @throws CertrelayError: usage for what is no place, failure for a server that shows none.
 */
export async function serversCertificate(place: string): Promise<ServersCertificate> {
  const where = readPlace(place, undefined, false);
  const { tls, outcome, discarded } = await play({
    ...{ place: where, patience, tls: { authorities: [] }, onlyTls: true },
    ...{ helo: () => 'localhost', from: '', to: '' },
  });
  const own = tls?.chain[0];
  if (own !== undefined)
    return { certificate: own, notes: discarded === 0 ? [] : [plainText(placeText(where), discarded)] };
  if (outcome.kind === 'failed') throw failure('failure', outcome.trouble, placeText(where));
  const reason = outcome.kind === 'refused' ? outcome.reason : 'it shows no certificate';
  throw new CertrelayError('failure', { code: 'no-server-certificate', message: `"${placeText(where)}": ${reason}` });
}

/** The certificate is read from TLS all the same; but mail clients that keep such text take it for the server's (CVE-2011-0411). */
function plainText(place: string, octets: number): Problem {
  return {
    code: 'plain-text-after-starttls',
    message: `"${place}" sent ${octets} octets in plain text after it had agreed to STARTTLS; they were thrown away`,
    hint: 'somebody on the way may inject commands or replies into the session, or the server is at fault: look from another network',
  };
}
