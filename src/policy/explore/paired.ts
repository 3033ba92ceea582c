import type { Cut } from '../postfix/cut.ts';
import type { Question } from '../smtpd/questions/facts.ts';
import { intersection, type Region, union } from './region.ts';
import { sameness } from './sameness.ts';
import type { Scratch } from './scratch.ts';
import { type Case, Tabulated } from './tabulated.ts';

/**
 * A question about two subjects: first the runs of the second line are sorted by all that the question answers along the
 * first one, then, for each sort, it is a question about the first line alone.
 */
export class Paired {
  readonly besides: number;
  private readonly sorts: { readonly region: Region; readonly table: Tabulated }[];

  constructor(question: Question<unknown>, line: number, besides: number, cuts: readonly Cut[], scratch: Scratch) {
    this.besides = besides;
    const runs = scratch.boundsOn(besides, cuts);
    const size = scratch.sizeOf(besides);
    const along = scratch.boundsOn(line, cuts);
    const sorts = new Map<string, { intervals: [number, number][]; table: Tabulated }>();
    for (let run = 0; run < runs.length; run++) {
      const lo = runs[run] ?? 0;
      const table = new Tabulated(fixed(question, scratch, besides, lo), line, cuts, scratch);
      const answers: string[] = [];
      for (const atom of along) {
        const { answer, open } = table.at(atom);
        answers.push(open ? `open ${atom}` : sameness(answer));
      }
      const key = answers.join('\n');
      const sort = sorts.get(key) ?? { intervals: [], table };
      sort.intervals.push([lo, runs[run + 1] ?? size]);
      sorts.set(key, sort);
    }
    this.sorts = [...sorts.values()].map(({ intervals, table }) => ({ region: union(intervals), table }));
  }

  /** The sorts that a region of the second line has, as cases whose answers are their numbers. */
  cases(region: Region): readonly Case[] {
    const cases: Case[] = [];
    for (const [answer, sort] of this.sorts.entries()) {
      const part = this.sorts.length === 1 ? region : intersection(region, sort.region);
      if (part.length > 0) cases.push({ answer, open: false, region: part });
    }
    return cases;
  }

  tableOf(sort: number): Tabulated | undefined {
    return this.sorts[sort]?.table;
  }
}

/** The same question with one atom of the second line in place whenever it is asked. */
function fixed(question: Question<unknown>, scratch: Scratch, besides: number, atom: number): Question<unknown> {
  return {
    ...question,
    literal(session, trail) {
      scratch.besides(besides, atom);
      return question.literal(session, trail);
    },
  };
}
