import { decideResolving } from '../../diagnose/evidence/resolve.ts';
import { parseAddress, unmapped } from '../../lib/ip.ts';
import { conversation } from '../../policy/policy.ts';
import type { PostfixConfig } from '../../policy/postfix/config.ts';
import { Simulator } from '../../policy/smtpd/dialogue/simulate.ts';
import type { Verdict } from '../../policy/smtpd/lists/verdict.ts';
import { compile } from '../../policy/smtpd/start/compile.ts';
import { allFingerprints } from '../../x509/fingerprint.ts';
import type { Credential } from './credential.ts';
import type { Played } from './dialogue.ts';
import type { Place } from './place.ts';

/** What the sessions have in common. */
export interface ProbeRequest {
  readonly place: Place;
  /** Milliseconds for each reply. */
  readonly patience: number;
  helo(localAddress: string): string;
  readonly from: string;
  readonly to: string;
  /** Who the server takes the client for, where that is not this end of the connection. */
  readonly client: { readonly address: string | undefined; readonly name: string | undefined };
  /** Whether DNS is asked for what only DNS can answer. */
  readonly resolve: boolean;
}

/** Predicts what a session would get. */
export type Oracle = (played: Played, credential: Credential | undefined) => Promise<Verdict>;

/** Makes ready to predict by a configuration. Who the client is, the server sees by the address of this end. */
export function oracleFor(config: PostfixConfig, request: ProbeRequest): Oracle {
  const simulator = new Simulator(compile(config));
  return async (played, credential) => {
    const local = played.ends?.local ?? '';
    const address = request.client.address ?? seenAs(local);
    const name = request.client.name ?? usualName(address);
    const said = conversation({
      client: { address, name, reverseName: name },
      helo: request.helo(local),
      tls: {
        protocol: played.tls?.protocol ?? 'TLSv1.3',
        certificate: credential === undefined ? null : shown(credential),
      },
      ...{ sasl: null, mailFrom: request.from, rcptTo: [request.to], data: false },
    });
    return request.resolve ? decideResolving(simulator, said) : simulator.decide(said);
  };
}

function shown({ facts, trusted }: Credential) {
  const { subject, issuer, der, publicKey } = facts;
  return {
    ...{ trusted, subject, issuer },
    fingerprint: { ...allFingerprints(der) },
    publicKeyFingerprint: { ...allFingerprints(publicKey) },
  };
}

function seenAs(local: string): string {
  const address = parseAddress(local.replace(/%.*$/, ''));
  return address === undefined ? '127.0.0.1' : unmapped(address).text;
}

/** Every host has a name for itself; how others are called is for DNS, which is asked only when that is wanted. */
function usualName(address: string): string {
  return /^127\.|^::1$/.test(address) ? 'localhost' : 'unknown';
}
