import type { Options } from '../../cli/command.ts';
import type { CertificateFacts } from '../../x509/facts.ts';
import type { Incident } from '../maillog/incidents.ts';
import type { CertificateEvidence, Replay } from './evidence.ts';
import { readSession, type SessionGiven } from './session.ts';

/** What the options say of every session, beside what a log tells. */
export interface KnownFacts {
  readonly helo?: string;
  /** The client's address, for deliveries of a client's log, which does not tell it. */
  readonly address?: string;
  readonly name?: string;
  readonly reverseName?: string;
  /** The certificate that the client shows; null: it uses no TLS. */
  readonly certificate?: Readonly<Record<string, unknown>> | null;
  readonly sasl?: { readonly user: string; readonly method: string };
  /** Certificates that were given; one is the client's where its fingerprint or its names fit. */
  readonly certificates: readonly { readonly file: string; readonly facts: CertificateFacts }[];
}

/** RFC 5737 keeps it for documentation; stands for an address where the options name none. */
const anyAddress = '192.0.2.1';

/** What the options say of sessions: the whole of one, and what holds for those of a log. */
export interface Asked {
  readonly given: SessionGiven;
  /** True where the options describe a session of their own: they name its client. */
  readonly complete: boolean;
  readonly known: KnownFacts;
  /** Whether a session of the log is one that was asked for. */
  selects(incident: Incident): boolean;
  /** True where the options leave any session out. */
  readonly selective: boolean;
}

/** The session that the options describe, whole or in part, and whether they choose among those of a log. */
export async function askedSessions(
  options: Options,
  cwd: string,
  certificates: readonly CertificateEvidence[],
): Promise<Asked> {
  const complete = typeof options.clientAddress === 'string' || typeof options.session === 'string';
  const given = await readSession(
    complete ? options : { ...options, clientAddress: anyAddress },
    cwd,
    // What is left out is told with the session.
    [],
  );
  const shown = ['cert', 'fingerprint', 'publicKeyFingerprint', 'trusted', 'session'].some((name) => name in options);
  const tls = given.session.tls;
  const certificate = shown ? fields(tls).certificate : undefined;
  return {
    given,
    complete,
    known: {
      ...(typeof options.helo === 'string' ? { helo: options.helo } : {}),
      ...(typeof options.clientAddress === 'string' ? { address: options.clientAddress } : {}),
      ...(typeof options.clientName === 'string' ? { name: options.clientName } : {}),
      ...(typeof options.clientReverseName === 'string' ? { reverseName: options.clientReverseName } : {}),
      ...(options.tls === false ? { certificate: null } : {}),
      ...(typeof certificate === 'object' && certificate !== null ? { certificate: fields(certificate) } : {}),
      ...(typeof options.saslUser === 'string' ? { sasl: { user: options.saslUser, method: 'PLAIN' } } : {}),
      certificates: certificates.flatMap(({ file, chain }) =>
        chain
          .slice(0, 1)
          .filter(({ isCA }) => !isCA)
          .map((facts) => ({ file, facts })),
      ),
    },
    selects: (incident) => selected(incident, options),
    selective: ['clientAddress', 'clientName', 'from', 'to'].some((name) => options[name] !== undefined),
  };
}

/** By client, sender and recipient, as far as the options name them. */
function selected({ session, delivery, logged }: Incident, options: Options): boolean {
  const { clientAddress, clientName, from, to } = options;
  // A client's log tells neither its address nor its name.
  if (session !== undefined && typeof clientAddress === 'string' && session.client.address !== clientAddress)
    return false;
  if (session !== undefined && typeof clientName === 'string' && session.client.name !== clientName) return false;
  const sender = logged.sender ?? delivery?.sender;
  if (typeof from === 'string' && sender !== undefined && sender !== from) return false;
  if (!Array.isArray(to)) return true;
  return logged.recipient === undefined || to.includes(logged.recipient);
}

/** How the session of the options is called. */
export function nameOfAsked({ session }: SessionGiven): string {
  const client = fields(session.client);
  return `${String(client.name ?? 'unknown')}[${String(client.address)}]`;
}

/** True for a session that did not go through, in the log or as it was worked out. */
export function failed({ logged, verdict }: Replay): boolean {
  return logged === undefined ? verdict.verdict !== 'permit' : logged.code >= 400;
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
