/** Why a session went no further, as a server is never to blame for a stack trace. */
export type TroubleCode =
  | 'no-such-host'
  | 'unreachable'
  | 'nothing-listens'
  | 'timeout'
  | 'hung-up'
  | 'not-smtp'
  | 'too-much'
  | 'out-of-turn'
  | 'no-tls'
  | 'tls-broken'
  | 'tls-refused'
  | 'own-certificate'
  | 'unavailable'
  | 'no-smtputf8'
  | 'broken';

/** Ends a session; the room catches it and answers with it as a value. */
export class Trouble extends Error {
  readonly code: TroubleCode;
  readonly hint: string | undefined;

  constructor(code: TroubleCode, message: string, hint?: string) {
    super(message);
    this.name = 'Trouble';
    this.code = code;
    this.hint = hint;
  }
}

const connecting: Readonly<Record<string, readonly [TroubleCode, string]>> = {
  ECONNREFUSED: ['nothing-listens', 'nothing listens there'],
  ENOTFOUND: ['no-such-host', 'no host of that name is known'],
  EAI_AGAIN: ['no-such-host', 'the name cannot be looked up at present'],
  EHOSTUNREACH: ['unreachable', 'there is no way to that host'],
  ENETUNREACH: ['unreachable', 'there is no way to that network'],
  EADDRNOTAVAIL: ['unreachable', 'there is no way to that address from here'],
  ETIMEDOUT: ['timeout', 'the connection was not taken in time'],
  ECONNRESET: ['hung-up', 'it broke the connection'],
  EPIPE: ['hung-up', 'it broke the connection'],
};

/** What a failing socket means. With several addresses tried, the first one's failure stands for all. */
export function socketTrouble(error: unknown): Trouble {
  if (error instanceof Trouble) return error;
  const [first] = error instanceof AggregateError ? error.errors : [error];
  const known = connecting[codeOf(first) || codeOf(error)];
  if (known !== undefined) return new Trouble(...known);
  return codeOf(first).startsWith('ERR_SSL') ? tlsTrouble(first) : new Trouble('broken', messageOf(first));
}

/** What a TLS handshake, or a session after it, ended with. Alerts are named as RFC 8446, section 6.2, names them. */
export function tlsTrouble(error: unknown): Trouble {
  if (error instanceof Trouble) return error;
  const code = codeOf(error);
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|BAD_RECORD_TYPE|UNEXPECTED_MESSAGE/.test(code))
    return new Trouble('no-tls', 'what it says there is no TLS');
  if (/UNSUPPORTED_PROTOCOL|ALERT_PROTOCOL_VERSION|NO_PROTOCOLS_AVAILABLE/.test(code))
    return new Trouble('tls-broken', 'it has no version of TLS that is in use still (1.2 or 1.3)');
  const alert = /ALERT_(\w+)$/.exec(code)?.[1]?.toLowerCase().replaceAll('_', ' ');
  if (alert !== undefined && /certificate|unknown ca|access denied/.test(alert))
    return new Trouble('tls-refused', `it refuses the TLS session (alert "${alert}")`);
  if (alert !== undefined) return new Trouble('tls-broken', `it breaks off TLS (alert "${alert}")`);
  const known = connecting[code];
  if (known !== undefined) return new Trouble('tls-broken', 'it breaks the connection while TLS begins');
  return new Trouble('tls-broken', `TLS does not come about: ${messageOf(error)}`);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** OpenSSL's messages carry addresses of its source; the reason is the part after the routine. */
function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const reason = error instanceof Error && 'reason' in error ? error.reason : undefined;
  return typeof reason === 'string' && reason !== '' ? reason : (text.trim().split('\n')[0] ?? '').slice(0, 200);
}
