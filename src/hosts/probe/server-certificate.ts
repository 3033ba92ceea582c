import type { PostfixConfig } from '../../policy/postfix/config.ts';
import type { CertificateFacts } from '../../x509/facts.ts';
import type { AllFingerprints } from '../../x509/fingerprint.ts';
import { allFingerprints } from '../../x509/fingerprint.ts';
import { certificateFacts } from '../../x509/inspect.ts';
import type { TlsFacts } from './tls-facts.ts';

/** What a client asks of the server's certificate before it gives it mail. */
export type ServerDemand =
  | { readonly kind: 'chain' }
  /** SHA-256 of certificates or public keys, one of which it must be. */
  | { readonly kind: 'pin'; readonly fingerprints: ReadonlySet<string> }
  | { readonly kind: 'none' };

/** What is known of a server before it is asked. */
export interface KnownServer {
  /** It is one of the servers of the set-up. */
  readonly inSetUp: boolean;
  /** What its certificate is to be for; undefined when only an address is known. */
  readonly name: string | undefined;
  /** PEM of the authorities that clients of it trust. */
  readonly authorities: readonly string[];
  readonly demand: ServerDemand;
  /** What its configuration says, for the prediction; undefined when no configuration is known. */
  readonly config: PostfixConfig | undefined;
  /** Where that comes from, and what was taken for granted of it. */
  readonly configFrom: string | undefined;
  readonly notes: readonly string[];
}

/** A certificate with its fingerprints in every digest. */
export interface Certified {
  readonly facts: CertificateFacts;
  readonly certificate: AllFingerprints;
  readonly publicKey: AllFingerprints;
}

/** What the server showed, and whether its clients would be content with it. */
export interface ServerCheck {
  readonly protocol: string;
  readonly cipher: string;
  /** Its own certificate first. */
  readonly chain: readonly Certified[];
  /** What the certificate is to be for; undefined when that is not known. */
  readonly name: string | undefined;
  /** Whether there is an authority to check the chain against. */
  readonly isAnchored: boolean;
  readonly chainError: string | undefined;
  readonly nameMatches: boolean | undefined;
  /** What clients ask of it: a chain and a name, one of the fingerprints they know, or nothing. */
  readonly demand: 'chain' | 'pin' | 'none';
  readonly isMet: boolean;
}

/** A certificate in DER as reports show it; undefined for one that cannot be read. */
export function certified(der: Uint8Array): Certified | undefined {
  const facts = certificateFacts(der);
  if (facts === undefined) return undefined;
  return { facts, certificate: allFingerprints(facts.der), publicKey: allFingerprints(facts.publicKey) };
}

/** Whether clients of the server would give it their mail, by what it showed. */
export function checkServer(tls: TlsFacts, { name, authorities, demand }: KnownServer): ServerCheck {
  const chain = tls.chain.map(certified).filter((one) => one !== undefined);
  const isAnchored = authorities.length > 0;
  const chainError = isAnchored ? tls.chainError : undefined;
  const shown = { ...{ protocol: tls.protocol, cipher: tls.cipher, chain, name, isAnchored, chainError } };
  const facts = { ...shown, nameMatches: tls.nameMatches, demand: demand.kind };
  if (demand.kind === 'none') return { ...facts, isMet: true };
  if (demand.kind === 'chain') return { ...facts, isMet: tls.chainError === undefined && tls.nameMatches !== false };
  const [own] = chain;
  const prints = own === undefined ? [] : [own.certificate.sha256, own.publicKey.sha256];
  return { ...facts, isMet: prints.some((print) => demand.fingerprints.has(print)) };
}
