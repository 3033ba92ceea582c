/** What the operator wants: hosts and settings. No secrets, no state. Stored as inventory.json. */
export interface Inventory {
  readonly schema: 'certrelay/inventory@1';
  readonly authority: AuthorityWanted;
  readonly settings: Settings;
  readonly servers: readonly Host[];
  readonly clients: readonly Host[];
}

export interface AuthorityWanted {
  readonly name: string;
  readonly keyType: KeyType;
  readonly days: number;
  /** DNS domains of a critical nameConstraints extension; empty: none. */
  readonly constrain: readonly string[];
}

export interface Host {
  /** Lower-case A-label host name; also the folder name below hosts/. */
  readonly name: string;
}

export const keyTypes = ['ec-p256', 'ec-p384', 'rsa-2048', 'rsa-3072', 'rsa-4096', 'ed25519'] as const;
export type KeyType = (typeof keyTypes)[number];
export const digests = ['sha1', 'sha256', 'sha384', 'sha512'] as const;
export type Digest = (typeof digests)[number];
export const clientLevels = ['secure', 'verify', 'encrypt', 'fingerprint'] as const;
export type ClientLevel = (typeof clientLevels)[number];
export const pins = ['certificate', 'public-key', 'both'] as const;
export type Pin = (typeof pins)[number];

/** Every answer of the wizard, every flag of init. */
export interface Settings {
  /** Server's Postfix version as given or assumed, `X.Y` or `X.Y.Z`. */
  readonly postfix: string;
  readonly clientPostfix: string;
  readonly os?: string;
  readonly clientOs?: string;
  readonly relayPort: number;
  readonly digest: Digest;
  /** Key type and lifetime of certificates issued from now on. */
  readonly keyType: KeyType;
  readonly days: number;
  /** Absent: `$default_database_type`. */
  readonly tableType?: string;
  readonly policy: 'relay' | 'recipient';
  readonly unauthorized: 'defer' | 'reject';
  readonly permitSasl: boolean;
  /** Absent: what the base has. */
  readonly mynetworks?: string;
  readonly clientLevel: ClientLevel;
  readonly pin: Pin;
  readonly serverCert: 'internal' | 'keep';
  /** PEM of the issuer that clients trust when the server keeps its certificate. */
  readonly serverCa?: string;
  /** The text of the server's present `postconf -n`, when it was given. */
  readonly baseMainCf?: string;
  /** Folder on the host; default /etc/postfix/certrelay. */
  readonly installDir: string;
}

export type FingerprintSet = Readonly<Record<'sha1' | 'sha256' | 'sha384' | 'sha512', string>>;

/** One line of ledger.jsonl: what happened, in order, never changed. State is a fold over these. */
export type LedgerEvent =
  | {
      readonly at: string;
      readonly event: 'issued';
      readonly role: 'authority' | 'server' | 'client';
      readonly holder: string;
      /** Lower-case hex without separators. */
      readonly serial: string;
      readonly notBefore: string;
      readonly notAfter: string;
      readonly keyType: KeyType;
      readonly fingerprint: FingerprintSet;
      readonly publicKeyFingerprint: FingerprintSet;
      /** The certificate, base64 of its DER, so that maps and checks never depend on a folder's content. */
      readonly certificate: string;
    }
  | {
      readonly at: string;
      readonly event: 'admitted' | 'deployed' | 'retired' | 'revoked';
      readonly holder: string;
      readonly serial: string;
    };
