import { x509 } from '../../x509/crypto.ts';
import { readPem, toPem } from '../../x509/pem.ts';
import type { LedgerState } from '../ledger/ledger-state.ts';
import type { Authority } from './authority.ts';

/** A CRL is good for so many days; whoever relies on it fetches a new one before. */
const crlDays = 30;

/**
 * The revocation list of an authority (RFC 5280, section 5) in PEM: every certificate of the ledger that it issued and that is
 * revoked and has not expired. Its number is the time of issue in seconds, which grows from one list to the next.
 */
export async function issueRevocationList(
  authority: Authority,
  ledger: LedgerState,
  now: Date,
): Promise<{ readonly pem: string; readonly count: number }> {
  const revoked = ledger.certificates.filter(
    (one) =>
      one.revoked !== undefined && one.issuer === authority.facts.serial && Date.parse(one.notAfter) > now.getTime(),
  );
  const { row, key } = authority.signer;
  const thisUpdate = new Date(Math.floor(now.getTime() / 1000) * 1000);
  const number = new x509.Extension('2.5.29.20', false, crlNumber(thisUpdate));
  const identifier = await x509.AuthorityKeyIdentifierExtension.create(
    new x509.X509Certificate(authority.facts.der).publicKey,
  );
  const list = await x509.X509CrlGenerator.create({
    issuer: new x509.X509Certificate(authority.facts.der).subjectName.toJSON(),
    thisUpdate,
    nextUpdate: new Date(thisUpdate.getTime() + crlDays * 86_400_000),
    signingAlgorithm: row.algorithm,
    signingKey: key,
    extensions: [identifier, number],
    entries: revoked.map(({ serial, revoked: at }) => ({
      serialNumber: serial,
      revocationDate: new Date(Math.floor(Date.parse(at ?? '') / 1000) * 1000),
    })),
  });
  return { pem: toPem('X509 CRL', new Uint8Array(list.rawData)), count: revoked.length };
}

/** Whether a text is one or more revocation lists in PEM and each is signed by one of these authorities, given as DER. */
export async function isRevocationListOf(authorities: readonly Uint8Array[], text: string): Promise<boolean> {
  const blocks = readPem(text);
  if (blocks.length === 0 || blocks.some(({ label, der }) => label !== 'X509 CRL' || der === undefined)) return false;
  const keys = authorities.map((der) => new x509.X509Certificate(Uint8Array.from(der)).publicKey);
  for (const { der } of blocks) {
    const signed = await Promise.all(keys.map((publicKey) => isSignedBy(publicKey, der ?? new Uint8Array())));
    if (!signed.includes(true)) return false;
  }
  return true;
}

async function isSignedBy(publicKey: x509.PublicKey, der: Uint8Array): Promise<boolean> {
  try {
    return await new x509.X509Crl(Uint8Array.from(der)).verify({ publicKey });
  } catch {
    // Damaged, or signed with an algorithm that is not this key's.
    return false;
  }
}

/** An INTEGER in DER: a leading zero octet where the first bit would make it negative, and only there. */
function crlNumber(time: Date): Uint8Array<ArrayBuffer> {
  const hex = Math.floor(time.getTime() / 1000).toString(16);
  const octets = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  const sign = (octets[0] ?? 0) > 0x7f ? [0] : [];
  return Uint8Array.from([2, octets.length + sign.length, ...sign, ...octets]);
}
