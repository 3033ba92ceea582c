/** A name as DNS has them: lower case, letters, digits, `-` and `_`, and no number at its end. */
const ordinary = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** Whether an atom of names may stand for it. */
export function isOrdinaryName(name: string): boolean {
  return name.length < 250 && ordinary.test(name) && !/(^|\.)\d+$/.test(name);
}

/** The domain that a key `example.org` or `.example.org` is about. */
export function domainOfKey(key: string): string | undefined {
  const name = (key.startsWith('.') ? key.slice(1) : key).toLowerCase();
  return isOrdinaryName(name) ? name : undefined;
}

/** Labels in reverse, so that a domain comes right before what is below it. */
function sortKey(name: string): string {
  return name.split('.').reverse().join('\0');
}

/**
 * Domain names by label from the right. Atoms: any other name of one label, any other name, then for each name that was
 * given, in depth-first order, the name itself and "anything else below it": a domain with what is below is one interval.
 */
export class NameTree {
  readonly size: number;
  private readonly names: readonly string[];
  private readonly index: ReadonlyMap<string, number>;
  /** For each name, the index of the first name that is not below it. */
  private readonly ends: Int32Array;
  private readonly label: string;
  private readonly other: string;

  /** `label` is what unnamed names begin with, e.g. `client` in `client.example.org`. */
  constructor(names: Iterable<string>, label: string) {
    const keyed = Array.from(new Set(names), (name) => ({ name, key: sortKey(name) }));
    keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    this.names = keyed.map(({ name }) => name);
    this.index = new Map(this.names.map((name, i) => [name, i]));
    this.size = 2 + 2 * this.names.length;
    this.ends = new Int32Array(this.names.length);
    const open: number[] = [];
    for (let i = 0; i <= keyed.length; i++) {
      const key = keyed[i]?.key;
      for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
        if (key?.startsWith(`${keyed[last]?.key ?? ''}\0`) === true) break;
        this.ends[last] = i;
        open.pop();
      }
      open.push(i);
    }
    let chosen = label;
    while (this.names.some((name) => name.startsWith(`${chosen}.`) || name === chosen)) chosen += 'x';
    this.label = chosen;
    this.other =
      ['example', 'test', 'invalid', 'x-other']
        .map((top) => `${chosen}.${top}`)
        .find((name) => this.locate(name) === 1) ?? '';
  }

  /** The atom of a name in lower case; -1 when it is no ordinary name. */
  locate(name: string): number {
    const own = this.index.get(name);
    if (own !== undefined) return 2 + 2 * own;
    if (!isOrdinaryName(name)) return -1;
    for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
      const parent = this.index.get(name.slice(dot + 1));
      if (parent !== undefined) return 3 + 2 * parent;
    }
    return name.includes('.') ? 1 : 0;
  }

  /** Whether a text ends in a name that was given, with a dot before it. */
  isBelow(text: string): boolean {
    for (let dot = text.indexOf('.'); dot >= 0; dot = text.indexOf('.', dot + 1)) {
      if (this.index.has(text.slice(dot + 1))) return true;
    }
    return false;
  }

  value(atom: number): string {
    if (atom === 0) return this.label;
    if (atom === 1) return this.other;
    const name = this.names[(atom - 2) >> 1] ?? '';
    return atom % 2 === 0 ? name : `${this.label}.${name}`;
  }

  /** The atoms of names of one label, which are no domains of their own for mail. */
  get singles(): readonly number[] {
    return this.names.flatMap((name, i) => (name.includes('.') ? [] : [2 + 2 * i]));
  }

  /** The name that an atom belongs to, and whether it is the name itself; undefined for any other name. */
  nodeOf(atom: number): { readonly name: string; readonly exact: boolean } | undefined {
    const name = this.names[(atom - 2) >> 1];
    return name === undefined ? undefined : { name, exact: atom % 2 === 0 };
  }

  /** The name, what else is below it, and the end of all that is below it; undefined when the name was not given. */
  spanOf(name: string): { readonly exact: number; readonly below: number; readonly end: number } | undefined {
    const i = this.index.get(name);
    return i === undefined ? undefined : { exact: 2 + 2 * i, below: 3 + 2 * i, end: 2 + 2 * (this.ends[i] ?? 0) };
  }
}
