import { CertrelayError, usage } from '../../lib/problem.ts';
import { x509 } from '../../x509/crypto.ts';
import { type Der, tags } from '../../x509/der.ts';
import { foundInstead } from '../../x509/foreign.ts';
import { describeKeyType } from '../../x509/key-types.ts';
import { readPem } from '../../x509/pem.ts';

/**
 * What a certification request says. Only the public key goes into a certificate as it is; the names are what the
 * sender would like, for the caller to compare with what was agreed. Any other extension asked for is ignored.
 */
export interface Request {
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Der;
  /** One of the inventory's key types, or the description of another. */
  readonly keyType: string;
  /** The subject's common name; empty when there is none. */
  readonly subject: string;
  /** Host names of the subjectAltName that is asked for. */
  readonly names: readonly string[];
}

/**
 * Reads a certification request (PKCS#10, RFC 2986) in PEM or DER and checks that its sender has the private key.
 * @throws CertrelayError (usage): no request, a damaged one, a signature that its key did not make, an RSA key below
 * 2048 bits.
 */
export async function readRequest(bytes: Uint8Array, file: string): Promise<Request> {
  const blocks = readPem(new TextDecoder().decode(bytes));
  const block = blocks.find(({ label }) => label === 'CERTIFICATE REQUEST' || label === 'NEW CERTIFICATE REQUEST');
  if (blocks.length > 0 && block === undefined)
    throw new CertrelayError('usage', foundInstead('certification request', bytes, blocks, file));
  const der = block === undefined ? Uint8Array.from(bytes) : block.der;
  const read = der === undefined ? undefined : said(Uint8Array.from(der));
  if (read === undefined) {
    if (block !== undefined)
      throw usage('request-damaged', `the certification request in "${file}" is damaged`, undefined, {
        file,
        line: block.line,
        column: 1,
      });
    throw new CertrelayError('usage', foundInstead('certification request', bytes, [], file));
  }
  const { request, ...says } = read;
  const { keyType } = says;
  const bits = Number(/^rsa-(?:pss-)?(\d+)$/.exec(keyType)?.[1] ?? Number.POSITIVE_INFINITY);
  if (bits < 2048)
    throw usage(
      'request-weak-key',
      `the key in "${file}" has ${bits} bits only`,
      'make an RSA key of 2048 bits or more',
    );
  // An algorithm that WebCrypto lacks throws; then nobody has shown that the sender has the key.
  const proved = await request.verify().catch(() => false);
  if (!proved)
    throw usage(
      'request-signature',
      `the certification request in "${file}" was not signed with the key that it is for`,
      'make it again where the key is: openssl req -new -key KEY -subj /CN=NAME',
    );
  return says;
}

/** What a request says, and the request itself; undefined where it is none. Some of it is read when it is asked for only. */
function said(der: Der): (Request & { readonly request: x509.Pkcs10CertificateRequest }) | undefined {
  // The library would search anything else for PEM text, in quadratic time.
  if (der[0] !== tags.sequence) return undefined;
  try {
    const request = new x509.Pkcs10CertificateRequest(der);
    const publicKey = new Uint8Array(request.publicKey.rawData);
    const san = request.extensions.find((extension) => extension instanceof x509.SubjectAlternativeNameExtension);
    return {
      request,
      publicKey,
      keyType: describeKeyType(publicKey),
      subject: request.subjectName.getField('CN').at(-1) ?? '',
      names: (san?.names.items ?? []).filter(({ type }) => type === 'dns').map(({ value }) => value),
    };
  } catch {
    return undefined;
  }
}
