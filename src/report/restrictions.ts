import type { Version } from '../policy/postfix/version.ts';
import type { Restriction } from '../policy/smtpd/lists/restriction.ts';

interface Line {
  readonly name: string;
  /** The name that this one is another spelling of. */
  readonly aliasOf?: string;
  readonly takes?: string;
  readonly since: string;
  readonly until?: string;
  readonly consults: readonly string[];
  readonly doc: string;
}

function lines(known: ReadonlyMap<string, Restriction>): readonly Line[] {
  return [...known]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { name: own, takes, since, until, consults = [], doc }]) => ({
      name,
      ...(own === name ? {} : { aliasOf: own }),
      ...(takes === undefined ? {} : { takes }),
      since,
      ...(until === undefined ? {} : { until }),
      consults,
      doc,
    }));
}

/** One restriction a line: name, argument, and what it does; grep finds it all on that line. */
export function restrictionsText(version: Version, known: ReadonlyMap<string, Restriction>): string {
  const rows = lines(known).map((line) => [
    line.name,
    line.takes === undefined ? '' : line.takes.toUpperCase(),
    [
      line.aliasOf === undefined ? line.doc : `The same as ${line.aliasOf}.`,
      ...(line.consults.length === 0 ? [] : [`(asks: ${line.consults.join(', ')})`]),
      ...(line.until === undefined ? [] : [`(refused from ${line.until} on)`]),
    ].join(' '),
  ]);
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const [name, takes] = [width(0), width(1)];
  const text = rows.map(
    ([first = '', second = '', third = '']) => `${first.padEnd(name)}  ${second.padEnd(takes)}  ${third}\n`,
  );
  return `${rows.length} restrictions that Postfix ${version.text} knows\n${text.join('')}`;
}

/** The same for programs. */
export function restrictionsDocument(version: Version, known: ReadonlyMap<string, Restriction>): string {
  const document = { schema: 'certrelay/restrictions@1', postfix: version.text, restrictions: lines(known) };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
