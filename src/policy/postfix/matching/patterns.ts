import { parseAddress } from '../../../lib/ip.ts';
import { type Problem, usage } from '../../../lib/problem.ts';
import { foldAscii } from '../../../lib/text.ts';
import { type KnownClient, type ListMatch, type MatchList, type Table, TableFailure } from '../config.ts';
import { logicalLines } from '../logical-lines.ts';
import { tokens } from '../tokens.ts';
import { atLeast, type Version } from '../version.ts';
import { type NetworkPattern, parseNetwork } from './address-pattern.ts';
import { LiteralIndex, nowhere } from './literal-index.ts';

/** What a match list may use while it is made. */
export interface MatchListHost {
  readonly version: Version;
  /** The text of a file, or the table that stands for it where nobody gave it; undefined: it is missing on the host. */
  read(path: string): string | Table | undefined;
  open(spec: string): Table;
  /** True when parent_domain_matches_subdomains names this parameter. */
  readonly parentsMatch: boolean;
}

/** One element of a match list, in order; `negated` is the parity of its exclamation marks. */
export interface Pattern {
  readonly negated: boolean;
  readonly kind: 'text' | 'table' | 'unreadable' | 'interfaces';
  /** Folded text of a literal. */
  readonly text: string;
  readonly table?: Table;
  /** The network a literal stands for, or what is wrong with it as one; absent when it is no address pattern. */
  readonly network?: NetworkPattern | { readonly message: string };
}

/** What one pattern says: it matches or not, it fails, or that hangs on a table whose content is not known. */
type Match = boolean | TableFailure | { readonly opaque: Table; readonly key: string };

/** A part of a list that is searched at once: adjacent literals, or one table. */
interface ListSegment {
  /** Position in the list of its first pattern. */
  readonly start: number;
  /** Undefined: the pattern is a table. */
  readonly literals: LiteralIndex | undefined;
  readonly pattern: Pattern;
}

/**
 * A match list such as mydestination, relay_domains or mynetworks: elements in order, the first match decides, `!`
 * turns a match into "not in the list" (postconf(5); "Table lookup" elements are `type:name`, `/file` is read).
 */
export class PatternList implements MatchList {
  readonly parameter: string;
  readonly patterns: readonly Pattern[];
  readonly tables: readonly Table[];
  readonly warnings: readonly Problem[];
  /** The line with which the server dies on this list. */
  readonly fatal: string | undefined;
  private readonly parentsMatch: boolean;
  private readonly segments: readonly ListSegment[];

  constructor(parameter: string, text: string, host: MatchListHost, unknown?: Table) {
    this.parameter = parameter;
    this.parentsMatch = host.parentsMatch;
    const reader = new Reader(parameter, host);
    reader.elements(text, false);
    this.patterns =
      unknown === undefined
        ? reader.patterns
        : [...reader.patterns, { negated: false, kind: 'interfaces', text: unknown.spec, table: unknown }];
    this.tables = this.patterns.flatMap(({ table }) => table ?? []);
    this.segments = segmentsOf(this.patterns, this.parentsMatch);
    this.warnings = reader.warnings;
    this.fatal = reader.fatal ?? this.tables.find(({ fatal }) => fatal !== undefined)?.fatal;
  }

  matchString(text: string, known?: string, ending?: number, from = 0): ListMatch {
    if (this.segments.length === 0) return false;
    const folded = known ?? foldAscii(text);
    for (let i = from, segment = this.segments[i]; segment !== undefined; segment = this.segments[++i]) {
      const { literals, pattern } = segment;
      const match =
        literals === undefined
          ? signed(pattern, ask(pattern, text, this.parameter), () => this.matchString(text, folded, ending, i + 1))
          : this.decided(segment, literals.string(folded, ending));
      if (match !== undefined) return match;
    }
    return false;
  }

  matchDomain(name: string, known?: string, ending?: number, from = 0): ListMatch {
    if (this.segments.length === 0) return false;
    const folded = known ?? foldAscii(name);
    for (let i = from, segment = this.segments[i]; segment !== undefined; segment = this.segments[++i]) {
      const { literals, pattern } = segment;
      const match =
        literals === undefined
          ? signed(pattern, this.domainInTable(pattern, name), () => this.matchDomain(name, folded, ending, i + 1))
          : this.decided(segment, literals.domain(folded, ending));
      if (match !== undefined) return match;
    }
    return false;
  }

  matchClient(name: string, address: string, known?: KnownClient, from = 0): ListMatch {
    for (let i = from, segment = this.segments[i]; segment !== undefined; segment = this.segments[++i]) {
      const { literals, pattern } = segment;
      let match: ListMatch | undefined;
      if (literals === undefined) {
        const rest = () => this.matchClient(name, address, known, i + 1);
        match = signed(pattern, this.clientInTable(pattern, name, address), rest);
      } else {
        const position = clientPosition(literals, name, address, known);
        const broken = literals.broken(address);
        match = broken < position ? this.failure(segment, broken) : this.decided(segment, position);
      }
      if (match !== undefined) return match;
    }
    return false;
  }

  /** What the literal at this position of a segment says of what it matches; undefined when none does. */
  private decided(segment: ListSegment, position: number): boolean | undefined {
    if (position === nowhere) return undefined;
    return this.patterns[segment.start + position]?.negated === false;
  }

  private failure(segment: ListSegment, position: number): TableFailure {
    const network = this.patterns[segment.start + position]?.network;
    const message = network !== undefined && 'message' in network ? network.message : '';
    return new TableFailure('retry', [`warning: ${this.parameter}: ${message}`]);
  }

  /** The name with its parents, then the address; the host's interfaces have no names. */
  private clientInTable(pattern: Pattern, name: string, address: string): Match {
    const { table } = pattern;
    // Of a table that is not known, whether it lists the client is one question, by whichever of its keys.
    if (table?.opaque !== undefined) return { opaque: table, key: address };
    const byName = this.domainInTable(pattern, name);
    return byName === false ? ask(pattern, address, this.parameter) : byName;
  }

  /** The name, then its parents (`b.c`, or `.b.c` where parents do not match by themselves) in fixed-string tables. */
  private domainInTable(pattern: Pattern, name: string): Match {
    const full = ask(pattern, name, this.parameter);
    if (full !== false || pattern.table?.fixed !== true) return full;
    for (let dot = name.indexOf('.', 1); dot >= 0; dot = name.indexOf('.', dot + 1)) {
      const key = this.parentsMatch ? name.slice(dot + 1) : name.slice(dot);
      if (key === '') return false;
      const found = ask(pattern, key, this.parameter);
      if (found !== false) return found;
    }
    return false;
  }
}

/** The position for a client, which may have been put in order when it was read. */
function clientPosition(literals: LiteralIndex, name: string, address: string, client?: KnownClient): number {
  if (client === undefined)
    return Math.min(literals.domain(foldAscii(name)), literals.address(foldAscii(address), parseAddress(address)));
  const { v4, nameEnding } = client;
  const byAddress =
    v4 === undefined && client.parsed === undefined
      ? literals.address(foldAscii(address), undefined)
      : literals.canonical(address, v4, client.parsed);
  return Math.min(literals.domain(client.foldedName, nameEnding), byAddress);
}

/** The list in parts that are searched in one go. */
function segmentsOf(patterns: readonly Pattern[], parentsMatch: boolean): readonly ListSegment[] {
  const segments: ListSegment[] = [];
  for (let start = 0; start < patterns.length; ) {
    const pattern = patterns[start];
    if (pattern === undefined) break;
    let end = start;
    while (patterns[end] !== undefined && patterns[end]?.table === undefined) end++;
    const literals = end === start ? undefined : new LiteralIndex(patterns.slice(start, end), parentsMatch);
    segments.push({ start, literals, pattern });
    start = Math.max(end, start + 1);
  }
  return segments;
}

/** A match as the sign of its pattern has it; undefined when there was none, and the list goes on with `rest`. */
function signed(pattern: Pattern, match: Match, rest: () => ListMatch): ListMatch | undefined {
  if (match === false) return undefined;
  if (match === true) return !pattern.negated;
  return match instanceof TableFailure ? match : { ...match, listed: !pattern.negated, otherwise: rest };
}

/** What the pattern's table says of a key; its failure as a match list logs it. */
function ask({ table }: Pattern, key: string, parameter: string): Match {
  if (table === undefined) return false;
  if (table.opaque !== undefined) return { opaque: table, key };
  const found = table.find(key);
  if (!(found instanceof TableFailure)) return found !== undefined;
  const unavailable = found.log.filter((line) => line.includes(' is unavailable. '));
  return new TableFailure(found.kind, [...unavailable, `warning: ${parameter}: ${table.spec}: table lookup problem`]);
}

function tablePattern(table: Table, negated: boolean): Pattern {
  return { negated, kind: 'table', text: table.spec, table };
}

/** Characters of files that a list may read again: a file named in a thousand places is a thousand files long. */
const mostReread = 1 << 20;

/** Collects the elements of a list, those of the files it names included. */
class Reader {
  readonly patterns: Pattern[] = [];
  readonly warnings: Problem[] = [];
  fatal: string | undefined;
  private readonly parameter: string;
  private readonly host: MatchListHost;
  private readonly open = new Set<string>();
  private readonly read = new Set<string>();
  /** Characters of files that had been read before. */
  private reread = 0;

  constructor(parameter: string, host: MatchListHost) {
    this.parameter = parameter;
    this.host = host;
  }

  elements(text: string, negate: boolean): void {
    for (const element of tokens(text, this.host.version)) {
      if (element.startsWith('#')) {
        const rest = /(?:^|[ ,\t\r\n])(#.*)$/s.exec(text)?.[1] ?? element;
        this.warnings.push({
          code: 'match-list-comment',
          message: `${this.parameter}: comment at end of line is not supported: ${rest}`,
        });
        return;
      }
      let marks = 0;
      while (element[marks] === '!') marks++;
      this.element(element.slice(marks), negate !== (marks % 2 === 1));
    }
  }

  private element(text: string, negated: boolean): void {
    if (text === '') {
      this.fatal ??= `${this.parameter}: no pattern after '!'`;
    } else if (text.startsWith('/')) {
      this.file(text, negated);
    } else if (text.includes(':') && !text.startsWith('[')) {
      this.patterns.push(tablePattern(this.host.open(text), negated));
    } else {
      this.patterns.push({ negated, kind: 'text', text: foldAscii(text), ...network(text) });
    }
  }

  private file(path: string, negated: boolean): void {
    const text = this.host.read(path);
    if (typeof text === 'object') {
      this.patterns.push(tablePattern(text, negated));
      return;
    }
    if (text === undefined || this.open.has(path)) {
      const reason = text === undefined ? `open file ${path}: No such file or directory` : `${path} includes itself`;
      this.unreadable(path, negated, reason);
      return;
    }
    this.reread += this.read.has(path) ? text.length : 0;
    if (this.reread > mostReread) {
      throw usage(
        'match-list-files',
        `"${path}" is named by ${this.parameter}, and by the files it names, so often that the list has no end in sight`,
        'name each file once',
      );
    }
    this.read.add(path);
    this.open.add(path);
    if (atLeast(this.host.version, '3.8')) {
      logicalLines(text, (line) => this.elements(line, negated));
    } else {
      for (const line of text.replace(/^\ufeff/, '').split('\n')) {
        if (!line.startsWith('#')) this.elements(line, negated);
      }
    }
    this.open.delete(path);
  }

  private unreadable(path: string, negated: boolean, reason: string): void {
    const spec = `non-existent:${path}`;
    const failure = () => new TableFailure('retry', [`warning: ${spec} is unavailable. ${reason}`]);
    this.warnings.push({ code: 'match-list-file', message: `error: ${reason}` });
    this.patterns.push({
      negated,
      kind: 'unreadable',
      text: path,
      table: { spec, fixed: false, find: failure, keys: () => [], warnings: [] },
    });
  }
}

/**
 * What a literal means as an address pattern: only one with a mask, and with nothing but the characters of addresses,
 * is read as a network, and can be wrong. One in brackets without a mask is compared as the text inside them.
 */
function network(text: string): { readonly network?: NetworkPattern | { readonly message: string } } {
  return text.includes('/') && /^[0-9a-f.:/[\]]*$/i.test(text) ? { network: parseNetwork(text) } : {};
}
