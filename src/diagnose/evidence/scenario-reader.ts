/** A member of a JSON object as it was last met: its bytes, and what they mean. */
interface Member {
  readonly bytes: Buffer;
  readonly value: unknown;
}

const quote = 34;
const comma = 44;
const colon = 58;
const backslash = 92;
const opens = [123, 91] as const;
const closes = [125, 93] as const;

/**
 * Reads scenarios, one JSON object a line. The lines of a batch repeat their server, and a server is most of a line: a
 * member that is written as in the line before means the same, and is neither decoded nor read again. Whatever is out
 * of the ordinary is left to JSON.parse, whose errors are the ones people know.
 */
export class ScenarioReader {
  private readonly last = new Map<string, Member>();
  /** The names of the members as they were met: the next line has the same, most likely, in the same order. */
  private readonly order: string[] = [];

  /** `line` is UTF-8. Throws a SyntaxError where it is not JSON. */
  read(line: Buffer): unknown {
    return this.members(line) ?? JSON.parse(line.toString('utf8'));
  }

  private members(line: Buffer): Record<string, unknown> | undefined {
    let at = blanksEnd(line, 0);
    if (line[at] !== opens[0]) return undefined;
    const scenario: Record<string, unknown> = {};
    let members = 0;
    do {
      const nameStart = blanksEnd(line, at + 1);
      const name = this.name(line, nameStart, members++);
      if (name === undefined || name in scenario) return undefined;
      const after = blanksEnd(line, nameStart + name.length + 2);
      if (line[after] !== colon) return undefined;
      const start = blanksEnd(line, after + 1);
      const end = this.member(name, line, start);
      if (end === undefined) return undefined;
      scenario[name] = this.last.get(name)?.value;
      at = blanksEnd(line, end);
    } while (line[at] === comma);
    return line[at] === closes[0] && blanksEnd(line, at + 1) === line.length ? scenario : undefined;
  }

  /** The name in quotes that starts here. One that is escaped is rare; what it means is not for this reader to say. */
  private name(line: Buffer, start: number, position: number): string | undefined {
    const expected = this.order[position];
    if (expected !== undefined && standsAt(line, start, expected)) return expected;
    const end = line[start] === quote ? line.indexOf(quote, start + 1) : -1;
    if (end < 0) return undefined;
    const name = line.toString('latin1', start + 1, end);
    if (!/^\w+$/.test(name)) return undefined;
    this.order[position] = name;
    return name;
  }

  /** Reads the value that starts here, unless it is the one that was read last. Answers with where it ends. */
  private member(name: string, line: Buffer, start: number): number | undefined {
    const before = this.last.get(name)?.bytes;
    if (before !== undefined) {
      const same = start + before.length;
      if (same <= line.length && endsValue(line, same) && before.compare(line, start, same) === 0) return same;
    }
    const end = valueEnd(line, start);
    if (end === undefined) return undefined;
    const value = parsed(line.toString('utf8', start, end));
    if (value === undefined) return undefined;
    // A copy: the line is a part of the piece of input it came with, which need not be kept for it.
    this.last.set(name, { bytes: Buffer.from(line.subarray(start, end)), value });
    return end;
  }
}

/** Whether this name, in quotes, stands here. */
function standsAt(line: Buffer, start: number, name: string): boolean {
  if (line[start] !== quote || line[start + name.length + 1] !== quote) return false;
  for (let i = 0; i < name.length; i++) if (line[start + 1 + i] !== name.charCodeAt(i)) return false;
  return true;
}

/** No JSON text means undefined, which stands here for a text that is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Behind the white space of JSON that starts here. */
function blanksEnd(line: Buffer, start: number): number {
  for (let at = start; at < line.length; at++) {
    const code = line[at];
    if (code !== 32 && code !== 9 && code !== 10 && code !== 13) return at;
  }
  return line.length;
}

/** True where a number that stands before this place would not go on. */
function endsValue(line: Buffer, at: number): boolean {
  const next = line[blanksEnd(line, at)];
  return next === comma || next === closes[0];
}

/** Where the value ends that starts here; undefined when its brackets or quotes are left open. */
function valueEnd(line: Buffer, start: number): number | undefined {
  let depth = 0;
  for (let at = start; at < line.length; at++) {
    const code = line[at] ?? 0;
    if (code === quote) {
      at = stringEnd(line, at);
      if (at < 0) return undefined;
      if (depth === 0) return at + 1;
    } else if (code === opens[0] || code === opens[1]) {
      depth++;
    } else if (code === closes[0] || code === closes[1]) {
      if (depth === 0) return at;
      depth--;
      if (depth === 0) return at + 1;
    } else if (depth === 0 && (code === comma || code <= 32)) {
      return at;
    }
  }
  return undefined;
}

/** The quote that closes the string that opens here, or -1. */
function stringEnd(line: Buffer, open: number): number {
  for (let at = open + 1; at < line.length; at++) {
    if (line[at] === backslash) at++;
    else if (line[at] === quote) return at;
  }
  return -1;
}
