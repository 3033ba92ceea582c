import type { ClientCertificate } from './session.ts';

/** All that a client would say and show, read once; the simulator plays it against a program. */
export interface Conversation {
  readonly client: { readonly address: string; readonly name: string; readonly reverseName: string };
  /** Undefined: no HELO is sent. */
  readonly helo: string | undefined;
  readonly protocol: 'SMTP' | 'ESMTP';
  /** Undefined: the client never sends STARTTLS. */
  readonly tls: { readonly protocol: string; readonly certificate: ClientCertificate | undefined } | undefined;
  readonly sasl: { readonly user: string; readonly method: string } | undefined;
  /** Undefined: no MAIL is sent; empty: the null sender. */
  readonly mailFrom: string | undefined;
  readonly rcptTo: readonly string[];
  /** Send DATA and a short message after the recipients. */
  readonly data: boolean;
  /** `name/TYPE` to records or a failure; undefined: every DNS question is open. */
  readonly dns: Readonly<Record<string, readonly string[] | string>> | undefined;
}
