import type { Place } from '../smtpd/questions/place.ts';
import type { Step } from './assumed.ts';
import { lineNames } from './lines/line.ts';
import type { Lines } from './lines/lines.ts';
import type { Region } from './region.ts';
import type { RepresentativeSession } from './representative-session.ts';
import type { Asked, Assumption, Condition, Outcome, Path, Witness } from './result.ts';
import { sameness } from './sameness.ts';
import { makeWitness, type WitnessContext } from './witness.ts';

/** What all paths of an exploration share. */
export interface PathContext extends WitnessContext {
  readonly lines: Lines;
  readonly within: readonly Region[];
  /** A session of these regions. */
  representative(regions: readonly Region[], program: number): RepresentativeSession;
}

/** A path as it was run; what people want to read of it is worked out when they ask. */
export class ExploredPath implements Path {
  readonly outcomes: readonly Outcome[];
  readonly regions: readonly Region[];
  readonly silent: boolean;
  private readonly steps: readonly Step[];
  private readonly taken: readonly number[];
  private readonly context: PathContext;
  private made: Witness | undefined = undefined;

  constructor(
    outcomes: readonly Outcome[],
    regions: readonly Region[],
    { steps, taken }: { readonly steps: readonly Step[]; readonly taken: readonly number[] },
    context: PathContext,
  ) {
    this.outcomes = outcomes;
    this.regions = regions;
    this.silent = context.silent;
    this.steps = steps;
    this.taken = taken;
    this.context = context;
  }

  get asked(): readonly Asked[] {
    const representatives: (RepresentativeSession | undefined)[] = [];
    return this.steps.flatMap((_, i) => this.askedAt(i, representatives) ?? []);
  }

  lastAsked(program: number, place: Place): Asked | undefined {
    for (let i = this.steps.length - 1; i >= 0; i--) {
      const step = this.steps[i];
      if (step?.program !== program || step.place !== place || typeof step.about === 'string') continue;
      return this.askedAt(i, []);
    }
    return undefined;
  }

  private askedAt(i: number, representatives: (RepresentativeSession | undefined)[]): Asked | undefined {
    const step = this.steps[i];
    if (step === undefined || typeof step.about === 'string') return undefined;
    const { about, program, place, line, cases } = step;
    const { answer, open } = cases[this.taken[i] ?? 0] ?? { answer: undefined, open: true };
    representatives[program] ??= this.context.representative(this.regions, program);
    const session = representatives[program]?.session;
    const name = lineNames[line];
    return {
      program,
      place,
      question: about.text,
      key: `${about.text}: ${open ? 'open' : sameness(answer)}`,
      answer: open || session === undefined ? '' : about.say(answer, session),
      lines: name === undefined ? [] : [name],
    };
  }

  get assumptions(): readonly Assumption[] {
    const assumptions: Assumption[] = [];
    for (const [i, { about, cases, supply }] of this.steps.entries()) {
      if (typeof about !== 'string') continue;
      const { answer } = cases[this.taken[i] ?? 0] ?? { answer: undefined };
      assumptions.push({
        fact: about,
        supply: supply ?? about,
        value: answer,
        answer: wordsOf(answer),
        chosenBy: chooserOf(supply ?? about, answer),
      });
    }
    return assumptions;
  }

  get conditions(): readonly Condition[] {
    const { lines, within } = this.context;
    return lineNames.flatMap((line, i) => {
      const region = this.regions[i] ?? [];
      if (region === within[i]) return [];
      const own = lines[line];
      return [{ line, region, words: own.words(region), listed: own.listed(region), open: own.open(region) }];
    });
  }

  get witness(): Witness {
    this.made ??= makeWitness(this, this.context);
    return this.made;
  }
}

/** A supposed answer in words. */
function wordsOf(answer: unknown): string {
  if (answer === undefined || answer === false) return 'no';
  if (answer === true) return 'yes';
  if (typeof answer === 'string') return answer;
  if (typeof answer === 'object' && answer !== null && 'status' in answer) return String(answer.status);
  if (typeof answer === 'object' && answer !== null && 'permitted' in answer)
    return answer.permitted === true ? 'yes' : 'no';
  if (typeof answer === 'object' && answer !== null && 'reason' in answer) return 'listed';
  return String(answer);
}

/** Files of lists and tables of keys: whatever they hold, there is much that they do not. */
const lists =
  /^table (?:\/|(?:proxy:|debug:)*(?:hash|btree|s?dbm|cdb|lmdb|texthash|ldap|mysql|pgsql|sqlite|mongodb|memcache|nis|nisplus|netinfo|unix):)/;

/**
 * DNS of a name that the client chooses is his, and that a table of keys does not list what he says, or him, is true of
 * almost anything; lists in DNS, services, and what tables say of what they list are others'.
 */
function chooserOf(supply: string, answer: unknown): Assumption['chosenBy'] {
  if (lists.test(supply) && (answer === undefined || answer === false)) return 'client';
  return /^dns <(client name|helo name|sender domain|recipient domain)>\//.test(supply) ? 'client' : 'others';
}
