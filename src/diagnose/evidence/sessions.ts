import type { CertificateFacts } from '../../x509/facts.ts';
import type { Incident } from '../maillog/incidents.ts';
import type { CertificateEvidence } from './evidence.ts';
import { readSession, type SessionGiven, type SessionRequest } from './session.ts';

/** Facts given for every session, in addition to those of the log. */
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

/** The session that a request describes, and what it says about those of a log. */
export interface SessionSelection {
  readonly given: SessionGiven;
  /** True where the request describes a session by itself: it names the client. */
  readonly complete: boolean;
  readonly known: KnownFacts;
  /** Whether a session of the log is one that the request names. */
  selects(incident: Incident): boolean;
  /** True where the request leaves any session out. */
  readonly selective: boolean;
}

/** Reads the session that a request describes, whole or in part, and how it chooses among those of a log. */
export async function selectSessions(
  request: SessionRequest,
  cwd: string,
  certificates: readonly CertificateEvidence[],
): Promise<SessionSelection> {
  const complete = request.clientAddress !== undefined || request.file !== undefined;
  const given = await readSession(
    complete ? request : { ...request, clientAddress: anyAddress },
    cwd,
    // The report names what is left out with the session.
    [],
  );
  const { file, fingerprints, publicKeyFingerprints, trusted } = request;
  const shown =
    trusted || [request.certificate, fingerprints, publicKeyFingerprints, file].some((each) => each !== undefined);
  const tls = given.session.tls;
  const certificate = shown ? fields(tls).certificate : undefined;
  return {
    given,
    complete,
    known: {
      ...(request.helo !== undefined ? { helo: request.helo } : {}),
      ...(request.clientAddress !== undefined ? { address: request.clientAddress } : {}),
      ...(request.clientName !== undefined ? { name: request.clientName } : {}),
      ...(request.clientReverseName !== undefined ? { reverseName: request.clientReverseName } : {}),
      ...(request.plainText ? { certificate: null } : {}),
      ...(typeof certificate === 'object' && certificate !== null ? { certificate: fields(certificate) } : {}),
      ...(request.saslUser !== undefined ? { sasl: { user: request.saslUser, method: 'PLAIN' } } : {}),
      certificates: certificates.flatMap(({ file, chain }) =>
        chain
          .slice(0, 1)
          .filter(({ isCA }) => !isCA)
          .map((facts) => ({ file, facts })),
      ),
    },
    selects: (incident) => selected(incident, request),
    selective: [request.clientAddress, request.clientName, request.sender, request.recipients].some(
      (each) => each !== undefined,
    ),
  };
}

/** By client, sender and recipient, as far as the request names them. */
function selected({ session, delivery, logged }: Incident, request: SessionRequest): boolean {
  const { clientAddress, clientName, recipients } = request;
  // A client's log tells neither its address nor its name.
  if (session !== undefined && clientAddress !== undefined && session.client.address !== clientAddress) return false;
  if (session !== undefined && clientName !== undefined && session.client.name !== clientName) return false;
  const sender = logged.sender ?? delivery?.sender;
  if (request.sender !== undefined && sender !== undefined && sender !== request.sender) return false;
  if (recipients === undefined) return true;
  return logged.recipient === undefined || recipients.includes(logged.recipient);
}

/** The name of the described session in reports. */
export function sessionName({ session }: SessionGiven): string {
  const client = fields(session.client);
  return `${String(client.name ?? 'unknown')}[${String(client.address)}]`;
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
