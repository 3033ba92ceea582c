import type { Digest, FingerprintSet, KeyType } from '../../x509/algorithms.ts';

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
  /**
   * The port of the dedicated service: a service of master.cf for the clients alone, the only one that asks for
   * certificates. Absent: the clients come to the server's usual services. inventory.json calls it `service`.
   */
  readonly dedicatedPort?: number;
  readonly digest: Digest;
  /** Key type and lifetime of certificates issued from now on. */
  readonly keyType: KeyType;
  readonly days: number;
  /** Absent: `$default_database_type`. */
  readonly tableType?: string;
  /** With the table type `pgsql`: connection URIs of the database as the servers reach it, without a password. */
  readonly database?: readonly string[];
  /** PEM of the issuer that the servers know the database by. */
  readonly databaseCa?: string;
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

/** Where a certificate comes from that certrelay did not make with a key of its own. */
export const origins = ['request', 'elsewhere', 'imported'] as const;
/**
 * `request`: certrelay issued it for a key that never left its host; `elsewhere`: somebody else issued it and it was added by
 * itself; `imported`: it was there before certrelay, with the rest of a set-up.
 */
export type Origin = (typeof origins)[number];

/** What happens to one certificate in its life, after it was issued. */
export const moments = ['admitted', 'handed', 'deployed', 'retired', 'revoked'] as const;
/**
 * `admitted`: its fingerprint is in the servers' maps (a client's), in the clients' pins (a server's), or in everybody's bundle
 * (an authority's); `handed`: the files that its host is to have are its files, or the authority issues from now on;
 * `deployed`: known to be in use.
 */
export type Moment = (typeof moments)[number];

/** What happens to the digest of the maps while it is exchanged; the same words as for certificates. */
export const digestMoments = ['admitted', 'handed', 'retired'] as const;
export type DigestMoment = (typeof digestMoments)[number];

/** A publication to a database: its row of history is about to be written, and it is there. */
export const publicationMoments = ['begun', 'done'] as const;
export type PublicationMoment = (typeof publicationMoments)[number];

/** Where the servers of a set-up have their map. */
export const tablePlaces = ['database', 'files'] as const;
export type TablePlace = (typeof tablePlaces)[number];

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
      /** One of the inventory's key types; of a key made elsewhere, possibly the description of another. */
      readonly keyType: string;
      readonly fingerprint: FingerprintSet;
      readonly publicKeyFingerprint: FingerprintSet;
      /** The certificate, base64 of its DER, so that maps and checks never depend on a folder's content. */
      readonly certificate: string;
      /** Absent: issued with a key that certrelay made. */
      readonly origin?: Origin;
      /** Seconds for which it and the certificate before it are both admitted, counted from when it is handed over. */
      readonly overlap?: number;
    }
  | {
      readonly at: string;
      readonly event: Moment;
      readonly holder: string;
      readonly serial: string;
    }
  | {
      readonly at: string;
      /** A place outside the state that is looked at again and again holds this certificate, which came from elsewhere. */
      readonly event: 'followed';
      readonly holder: string;
      readonly serial: string;
      /** Path of the file or folder. */
      readonly source: string;
      /** Serial numbers of those that the place held before and does not hold any more: it takes their place. */
      readonly replaces: readonly string[];
    }
  | {
      readonly at: string;
      /** The host is known to have the files that lay in its folder at this moment. */
      readonly event: 'installed';
      readonly holder: string;
    }
  | {
      readonly at: string;
      /** The digest of the maps goes from one to another. */
      readonly event: 'digest';
      readonly moment: DigestMoment;
      readonly from: Digest;
      readonly to: Digest;
      /** Seconds, as for a certificate. */
      readonly overlap: number;
    }
  | {
      readonly at: string;
      /** The servers are to look for the map elsewhere: in the database that they share, or in a file of their own again. */
      readonly event: 'table';
      readonly place: TablePlace;
    }
  | {
      readonly at: string;
      /** The table in the database has the lines that follow from all events before. */
      readonly event: 'published';
      readonly moment: PublicationMoment;
      /** Which table, by the identity that it was made with. */
      readonly table: string;
    }
  | {
      readonly at: string;
      /** A line of a map from elsewhere: a fingerprint that is admitted although its certificate is not known. */
      readonly event: 'listed';
      readonly holder: string;
      readonly fingerprint: string;
      readonly comments: readonly string[];
    }
  | {
      readonly at: string;
      /** A line of a map from elsewhere that means nothing to Postfix, kept as it was. */
      readonly event: 'kept';
      readonly text: string;
    };
