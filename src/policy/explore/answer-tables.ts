import type { Cut } from '../postfix/cut.ts';
import type { Question } from '../smtpd/questions/facts.ts';
import type { Answers } from './assumed.ts';
import { type LineName, lineNames } from './lines/line.ts';
import { type Lines, lineOf } from './lines/lines.ts';
import { Paired } from './paired.ts';
import type { Scratch } from './scratch.ts';
import type { ExploredServer } from './server.ts';
import { Tabulated } from './tabulated.ts';
import { Unprepared } from './unprepared.ts';

/** The tabulated answers of one server's questions, each made when it is first asked. */
export class AnswerTables implements Answers {
  private readonly server: ExploredServer;
  private readonly lines: Lines;
  private readonly cuts: Readonly<Record<LineName, readonly Cut[]>>;
  private readonly scratch: Scratch;
  private readonly tables = new Map<Question<unknown>, Tabulated | Paired | undefined>();
  /** Those for which the lines were cut. */
  private readonly prepared: ReadonlySet<Question<unknown>>;
  /** Questions whose keys cannot be listed. */
  readonly notEnumerable = new Set<string>();

  constructor(
    server: ExploredServer,
    lines: Lines,
    cuts: Readonly<Record<LineName, readonly Cut[]>>,
    scratch: Scratch,
  ) {
    this.server = server;
    this.lines = lines;
    this.cuts = cuts;
    this.scratch = scratch;
    this.prepared = new Set(server.program.parts?.compiler.questions.all ?? []);
  }

  of(question: Question<unknown>): Tabulated | Paired | undefined {
    if (this.tables.has(question)) return this.tables.get(question);
    const table = this.make(question);
    this.tables.set(question, table);
    return table;
  }

  /** The table of a question about one subject, whatever is known of its keys. */
  alone<A>(question: Question<A>): Tabulated {
    const line = lineOf(question.subject);
    const name = lineNames[line] ?? 'client address';
    const own = this.server.cutsOf(question as Question<unknown>);
    const cuts = own.some(({ notEnumerable }) => notEnumerable !== undefined) ? this.cuts[name] : own;
    return new Tabulated(question as Question<unknown>, line, cuts, this.scratch);
  }

  private make(question: Question<unknown>): Tabulated | Paired | undefined {
    const cuts = this.server.cutsOf(question);
    const line = lineOf(question.subject);
    if (cuts.some(({ notEnumerable }) => notEnumerable !== undefined)) {
      this.notEnumerable.add(question.text);
      // Where it is not even known what it may answer, it is asked about every value that anything names.
      return (question.outcomes?.() ?? []).length > 0 ? undefined : this.alone(question);
    }
    if (!this.prepared.has(question) && !this.covered(line, cuts)) throw new Unprepared();
    return question.besides === undefined
      ? new Tabulated(question, line, cuts, this.scratch)
      : new Paired(question, line, lineOf(question.besides), cuts, this.scratch);
  }

  /** Whether the line happens to be cut at these keys already. */
  private covered(line: number, cuts: readonly Cut[]): boolean {
    const name = lineNames[line];
    if (name === undefined) return true;
    for (const { keys } of cuts) for (const key of keys) if (this.lines[name].span(key).length === 0) return false;
    return true;
  }
}
