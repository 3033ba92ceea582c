import type { KnownServer } from '../../cli/commands/probe/known-server.ts';
import type { Certified, ServerCheck } from '../../report/probe.ts';
import { allFingerprints } from '../../x509/fingerprint.ts';
import { certificateFacts } from '../../x509/inspect.ts';
import type { TlsFacts } from './tls-facts.ts';

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
