import type { ReplyStage } from '../smtpd/dialogue/answered.ts';
import type { Place } from '../smtpd/questions/place.ts';
import type { LineName } from './lines/line.ts';
import type { Lines } from './lines/lines.ts';
import type { Region } from './region.ts';

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
  readonly world: World;
  /** What is supposed beside that, for it lies in no scenario: the content of a database, the server's own addresses. */
  readonly supposed: readonly Assumption[];
  /**
   * By program: `simulated` when the simulator, given session and world, makes the same reply and names the same decider;
   * `supposed` when it does so once it is told what is supposed, too; `contradicted` otherwise: the path is wrong.
   */
  readonly confirmed: readonly ('simulated' | 'supposed' | 'contradicted')[];
}

/** What everybody else would say, as a scenario has it. */
export interface World {
  readonly dns?: Readonly<Record<string, readonly string[] | string>>;
  readonly policy?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly verify?: Readonly<Record<string, string>>;
}

/** What one program does to the sessions of a path. */
export interface Outcome {
  readonly verdict: 'permit' | 'reject' | 'discard' | 'fatal';
  /** The command whose reply the verdict is about. */
  readonly stage: ReplyStage;
  /** Of that reply; 0: the connection is dropped without one. */
  readonly code: number;
  readonly enhanced: string;
  /** What refused, outermost list first; empty when no restriction did. */
  readonly decidedBy: readonly Place[];
  /** The elements of the outermost lists that permitted; empty where every list came to its end. */
  readonly permits: readonly Place[];
  /** For fatal: the line with which the server process dies. */
  readonly fatal?: string;
}

/** One question on a path, with the answer that the path takes. */
export interface Asked {
  /** Which of the programs asked, from 0. */
  readonly program: number;
  /** The outermost element in which it was asked; undefined outside of the lists. */
  readonly place: Place | undefined;
  readonly question: string;
  /** Question and answer as one text, the same for all answers that lead to the same. */
  readonly key: string;
  /** The answer in words. */
  readonly answer: string;
  /** The lines that the question is about; empty for a question about the whole session or the world. */
  readonly lines: readonly LineName[];
}

/** A fact of the world that a path supposes, because neither the configuration nor the session tells it. */
export interface Assumption {
  /** What is supposed about, with the session's own values as `<sender domain>` and the like: `dns <sender domain>/MX`. */
  readonly fact: string;
  /** What a caller would supply to tell it. */
  readonly supply: string;
  /** As the simulator would see it. */
  readonly value: unknown;
  /** The supposed answer in words. */
  readonly answer: string;
  /**
   * Whose choice it is: DNS of names that the client chooses is his, and so is a value that a table of keys does not list;
   * what a list or a service says is somebody else's.
   */
  readonly chosenBy: 'client' | 'others';
}

/** The part of a line that a path's sessions come from, where it is not all of it. */
export interface Condition {
  readonly line: LineName;
  readonly region: Region;
  /** For reading: `127.0.0.0/8`, `example.org and what is below it`, `any but 3 listed`. */
  readonly words: string;
  /** How many values that tables or lists name are in the region. */
  readonly listed: number;
  /** True: the region holds values that nothing in the configuration names. */
  readonly open: boolean;
}

/** One way through the policy: all sessions of its regions, in the world that it assumes, get the same outcome. */
export interface Path {
  readonly outcomes: readonly Outcome[];
  /** By line, in the order of `lineNames`. */
  readonly regions: readonly Region[];
  /** True: the client sends no HELO. */
  readonly silent: boolean;
  readonly asked: readonly Asked[];
  /** The last question that a program asked in an element of an outermost list; undefined: it asked nothing there. */
  lastAsked(program: number, place: Place): Asked | undefined;
  readonly assumptions: readonly Assumption[];
  /** Lines that are narrower than the query; worked out when they are asked for. */
  readonly conditions: readonly Condition[];
  /** A session that takes this path, confirmed by the simulator; worked out when it is asked for. */
  readonly witness: Witness;
}

/** What an exploration came to. */
export interface Exploration {
  readonly paths: readonly Path[];
  /** True: the limit on paths was reached, and the paths are not all there are. It is the headline of every report. */
  readonly limited: boolean;
  /** Questions whose keys cannot be listed: every answer that was thought of is tried, whatever the session. */
  readonly untold: readonly string[];
  /** The parts of the lines that the query asks about. */
  readonly within: readonly Region[];
  readonly lines: Lines;
}
