import { CertrelayError } from '../../lib/problem.ts';
import { play } from '../../probe/dialogue.ts';
import { placeText, readPlace } from '../../probe/place.ts';
import { failure } from '../probe/failure.ts';

/** A server that has nothing to say for so long has no certificate to show. */
const patience = 15_000;

/**
 * The certificate of a running server, in DER: over STARTTLS, or over TLS at once on the ports where that is usual.
 * @throws CertrelayError: usage for what is no place, failure for a server that shows none.
 */
export async function serversCertificate(place: string): Promise<Uint8Array> {
  const where = readPlace(place, undefined, false);
  const { tls, outcome } = await play({
    ...{ place: where, patience, tls: { authorities: [] }, onlyTls: true },
    ...{ helo: () => 'localhost', from: '', to: '' },
  });
  const own = tls?.chain[0];
  if (own !== undefined) return own;
  if (outcome.kind === 'failed') throw failure('failure', outcome.trouble, placeText(where));
  const reason = outcome.kind === 'refused' ? outcome.reason : 'it shows no certificate';
  throw new CertrelayError('failure', { code: 'no-server-certificate', message: `"${placeText(where)}": ${reason}` });
}
