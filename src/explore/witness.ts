import type { Assumption } from './path.ts';

/** A session as a scenario has it (the `session` of the batch). */
export interface WitnessSession {
  readonly client: { readonly address: string; readonly name: string; readonly reverseName: string };
  readonly helo?: string;
  readonly tls: {
    readonly protocol: string;
    readonly certificate: {
      readonly trusted: boolean;
      readonly subject: string;
      readonly fingerprint: Readonly<Record<string, string>>;
      readonly publicKeyFingerprint: Readonly<Record<string, string>>;
    } | null;
  } | null;
  readonly sasl: { readonly user: string; readonly method: string } | null;
  readonly mailFrom: string;
  readonly rcptTo: readonly string[];
  readonly data: boolean;
}

/** A session that takes a path, with as much of its world as a scenario can say. */
export interface Witness {
  readonly session: WitnessSession;
  /** The world it supposes, in the form of a scenario; a field is left out where nothing is supposed. */
  readonly world: {
    readonly dns?: Readonly<Record<string, readonly string[] | string>>;
    readonly policy?: Readonly<Record<string, string>>;
    readonly verify?: Readonly<Record<string, string>>;
  };
  /** What is supposed beside that, for it lies in no scenario: the content of a database, the server's own addresses. */
  readonly supposed: readonly Assumption[];
  /**
   * By program: `simulated` when the simulator, given session and world, makes the same reply and names the same decider;
   * `supposed` when it does so once it is told what is supposed, too; otherwise a path that is wrong.
   */
  readonly confirmed: readonly ('simulated' | 'supposed' | 'contradicted')[];
}
