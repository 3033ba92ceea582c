/** One open question on the way, with the outcome taken this time. */
interface Fork {
  readonly key: string;
  /** What a caller would supply to answer it. */
  readonly supply: string;
  readonly outcomes: readonly unknown[];
  taken: number;
}

/** A way through the open questions: which outcome each had, in the order in which they were asked. */
export type Path = readonly { readonly key: string; readonly supply?: string; readonly taken: number }[];

/**
 * Open questions tried with each of their finite outcomes. A decision is run again from its start for every
 * combination that matters; the same question gets the same answer along one path.
 */
export class Trail {
  private readonly forks: Fork[] = [];
  private readonly answered = new Map<string, unknown>();
  private depth = 0;
  /** What no finite list of outcomes stands for; a path that meets it decides nothing. */
  readonly beyond = new Set<string>();
  /** Nothing was supposed, and nothing given up. */
  private untouched = true;

  /**
   * The outcome assumed for a question; `key` names exactly what a caller could supply, e.g. `dns outside.org/MX`.
   * Where several questions want the same thing for different ends, each has a key of its own and `supply` names it.
   */
  suppose<A>(key: string, outcomes: readonly A[], supply = key): A {
    this.untouched = false;
    if (this.answered.has(key)) return this.answered.get(key) as A;
    let fork = this.forks[this.depth];
    if (fork === undefined) {
      fork = { key, supply, outcomes, taken: 0 };
      this.forks.push(fork);
    }
    if (fork.key !== key) throw new Error(`a decision is not deterministic: "${fork.key}" became "${key}"`);
    this.depth += 1;
    const answer = fork.outcomes[fork.taken] as A;
    this.answered.set(key, answer);
    return answer;
  }

  /** Names something that the simulator does not model; the verdict becomes unknown and says so. */
  giveUp(key: string): void {
    this.untouched = false;
    this.beyond.add(key);
  }

  /** True while no open question was asked and nothing given up: there is one path, and its verdict is the answer. */
  get isSinglePath(): boolean {
    return this.untouched;
  }

  get path(): Path {
    return this.forks.map(({ key, supply, taken }) => ({ key, supply, taken }));
  }

  /** Goes back to the start with the last open assumption changed; false when every outcome was tried. */
  advance(): boolean {
    this.depth = 0;
    this.answered.clear();
    for (let last = this.forks.at(-1); last !== undefined; last = this.forks.at(-1)) {
      last.taken += 1;
      if (last.taken < last.outcomes.length) return true;
      this.forks.pop();
    }
    return false;
  }

  /** For the next decision: nothing is assumed. */
  reset(): void {
    if (this.untouched) return;
    this.untouched = true;
    this.depth = 0;
    this.forks.length = 0;
    this.answered.clear();
    this.beyond.clear();
  }
}

/** A path and what came of it, as a text that can be compared. */
export interface Outcome {
  readonly path: Path;
  readonly result: string;
}

/** A tree of outcomes with every question left out that changes nothing; equal trees have equal names. */
interface Reduced {
  readonly name: number;
  readonly keys: ReadonlySet<string>;
}

/**
 * The questions on which the outcomes part: those that are left when every question whose answers all lead to the
 * same is taken out. `outcomes` come in the order of the trail, depth first.
 */
export function parting(outcomes: readonly Outcome[]): readonly string[] {
  const names = new Map<string, number>();
  const nameOf = (text: string): number => {
    const name = names.get(text) ?? names.size;
    names.set(text, name);
    return name;
  };
  const reduce = (group: readonly Outcome[], depth: number): Reduced => {
    const { key, supply = key } = group[0]?.path[depth] ?? {};
    if (key === undefined || supply === undefined)
      return { name: nameOf(`result ${group[0]?.result ?? ''}`), keys: new Set() };
    const branches = grouped(group, depth);
    const children = [...branches.values()].map((branch) => reduce(branch, depth + 1));
    const [first] = children;
    if (first !== undefined && children.every((child) => child.name === first.name)) return first;
    const name = nameOf(`question ${key}: ${children.map((child) => child.name).join(' ')}`);
    return { name, keys: new Set([supply, ...children.flatMap((child) => [...child.keys])]) };
  };
  return [...reduce(outcomes, 0).keys];
}

function grouped(outcomes: readonly Outcome[], depth: number): ReadonlyMap<number, readonly Outcome[]> {
  const branches = new Map<number, Outcome[]>();
  for (const outcome of outcomes) {
    const taken = outcome.path[depth]?.taken ?? 0;
    const branch = branches.get(taken);
    if (branch === undefined) branches.set(taken, [outcome]);
    else branch.push(outcome);
  }
  return branches;
}
