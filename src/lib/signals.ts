/**
 * A signal ends certrelay at once, by the system's default: no handler is installed while a command reads or computes, for
 * a handler would wait until the computation is over. Only where something is half done (files are being written, a hook or
 * a program of Postfix runs, a roll-back is under way) are signals held: noted, and obeyed when that is in order.
 */
export const signalNames = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type EndSignal = (typeof signalNames)[number];

/** Thrown by `check` where a signal has come; whoever catches it puts things in order and releases. */
export class Interrupted extends Error {
  constructor(signal: EndSignal) {
    super(`interrupted by ${signal}`);
  }
}

export interface Held {
  /** The first signal that came. */
  noted(): EndSignal | undefined;
  /** Throws Interrupted when a signal has come; not below somebody else who holds signals, and who then decides. */
  check(): Promise<void>;
  /** Ends the process by the signal that was noted, if any, once nobody else holds signals. May be called twice. */
  release(): Promise<void>;
}

let first: EndSignal | undefined;
const holders = new Set<(signal: EndSignal) => void>();
const lasts: (() => void)[] = [];

// While they are held a second one changes nothing: a roll-back is not left half way.
const note = (signal: NodeJS.Signals): void => {
  const known = signalNames.find((name) => name === signal);
  if (known === undefined) return;
  first ??= known;
  for (const tell of holders) tell(known);
};

/** Handlers of signals run when the event loop comes round. */
async function loopTurns(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Holds signals until `release`; `tell` is called with each that comes. */
export function holdSignals(tell: (signal: EndSignal) => void = () => {}): Held {
  const holder = (signal: EndSignal) => tell(signal);
  if (holders.size === 0) for (const name of signalNames) process.on(name, note);
  holders.add(holder);
  const noted = () => first;
  return {
    noted,
    async check() {
      await loopTurns();
      if (first !== undefined && holders.size === 1) throw new Interrupted(first);
    },
    async release() {
      if (!holders.has(holder)) return;
      await loopTurns();
      holders.delete(holder);
      if (holders.size > 0) return;
      for (const name of signalNames) process.off(name, note);
      const signal = first;
      first = undefined;
      if (signal === undefined) return;
      for (const last of lasts.toReversed()) last();
      process.kill(process.pid, signal);
    },
  };
}

/** Calls `last` when this process ends by itself, or by a signal that was held; answers how to take that back. */
export function beforeEnd(last: () => void): () => void {
  const forget = () => {
    process.off('exit', once);
    const place = lasts.indexOf(once);
    if (place >= 0) lasts.splice(place, 1);
  };
  const once = () => {
    forget();
    last();
  };
  process.on('exit', once);
  lasts.push(once);
  return forget;
}
