import { checkServerIdentity, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';

/** What a TLS session shows of the server. */
export interface TlsFacts {
  readonly protocol: string;
  readonly cipher: string;
  /** DER, the server's own first, then what it sent above it, and the trust anchor where it is known. */
  readonly chain: readonly Uint8Array[];
  /** Why the chain does not lead to a trusted authority; undefined when it does. Means nothing where none was given. */
  readonly chainError: string | undefined;
  /** False when the certificate is for other names; undefined when no name was asked for. */
  readonly nameMatches: boolean | undefined;
}

/** The facts of a session that has begun. `name` is what the server's certificate is to be for. */
export function tlsFacts(socket: TLSSocket, name: string | undefined): TlsFacts {
  const leaf = socket.getPeerCertificate(true);
  const error: unknown = socket.authorizationError;
  return {
    protocol: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().standardName,
    chain: chainOf(leaf),
    chainError: socket.authorized ? undefined : wordsOf(error instanceof Error ? error.message : String(error)),
    nameMatches: name === undefined ? undefined : checkServerIdentity(name, leaf) === undefined,
  };
}

function chainOf(leaf: DetailedPeerCertificate): readonly Uint8Array[] {
  const chain: Uint8Array[] = [];
  const seen = new Set<DetailedPeerCertificate>();
  // The last certificate names itself as its issuer, and a session without one yields an empty object.
  for (let one: DetailedPeerCertificate | undefined = leaf; one?.raw !== undefined; one = one.issuerCertificate) {
    if (seen.has(one)) break;
    seen.add(one);
    chain.push(Uint8Array.from(one.raw));
  }
  return chain;
}

/** openssl-verification-options(1) has the conditions behind the names. */
const words: Readonly<Record<string, string>> = {
  SELF_SIGNED_CERT_IN_CHAIN: 'it leads to an authority that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'its issuer is not known',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its issuer is not known',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its issuer is not known',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is signed by itself',
  CERT_SIGNATURE_FAILURE: 'its signature is not that of the authority',
  CERT_HAS_EXPIRED: 'a certificate in it has expired',
  CERT_NOT_YET_VALID: 'a certificate in it is not valid yet',
  INVALID_PURPOSE: 'it is not for servers (extKeyUsage)',
  INVALID_CA: 'a certificate in it is no authority',
};

function wordsOf(code: string): string {
  return words[code] ?? code.toLowerCase().replaceAll('_', ' ');
}
