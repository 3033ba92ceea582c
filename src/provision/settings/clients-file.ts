import type { Problem } from '../../lib/problem.ts';

/** A name as it stands in a clients file; it has not been checked yet. */
export interface NamedLine {
  readonly text: string;
  readonly line: number;
}

export interface ClientsFile {
  readonly names: readonly NamedLine[];
  /** Columns of a CSV file that certrelay has no use for. */
  readonly unused: readonly string[];
  readonly problems: readonly Problem[];
}

/**
 * Reads a clients file: a name a line, or CSV (RFC 4180) whose header has a "name" column. In both, empty lines and
 * what follows a `#` at the start of a line are ignored; a plain list allows ` # comment` after a name too.
 * `text` has LF line ends and no byte order mark.
 */
export function readClientsFile(text: string, file: string): ClientsFile {
  const first = text.split('\n').find((line) => line.trim() !== '' && !line.trimStart().startsWith('#'));
  return first !== undefined && isHeader(first) ? readCsv(text, file) : readList(text);
}

// No host name holds a comma, a semicolon or a quote, so one in the first line can only mean a table.
function isHeader(line: string): boolean {
  return /[,;"]/.test(line) || line.trim().toLowerCase() === 'name';
}

function readList(text: string): ClientsFile {
  const names = text
    .split('\n')
    .map((line, index) => ({ text: line.replace(/(^|\s)#.*$/, '').trim(), line: index + 1 }))
    .filter((named) => named.text !== '');
  return { names, unused: [], problems: [] };
}

function readCsv(text: string, file: string): ClientsFile {
  const where = (line: number) => ({ file, line, column: 1 });
  const { records, open } = readRecords(text);
  const header = records.shift();
  if (header === undefined) return { names: [], unused: [], problems: [] };
  const columns = header.fields.map((field) => field.trim().toLowerCase());
  const column = columns.indexOf('name');
  const problems: Problem[] = [];
  if (open !== undefined) {
    problems.push({
      code: 'csv-quote-open',
      message: 'a quoted field has no end, or text after its end',
      where: where(open),
    });
  }
  if (column < 0) {
    problems.push({
      code: 'csv-no-name',
      message: 'the header of the CSV file has no "name" column',
      hint: 'separate columns by commas and call the one with the host names "name", or write just a name a line',
      where: where(header.line),
    });
    return { names: [], unused: [], problems };
  }
  const names: NamedLine[] = [];
  for (const { fields, line } of records) {
    if (fields.length !== columns.length) {
      problems.push({
        code: 'csv-fields',
        message: `the line has ${fields.length} fields, the header ${columns.length}`,
        where: where(line),
      });
    } else {
      names.push({ text: (fields[column] ?? '').trim(), line });
    }
  }
  return { names, unused: columns.filter((_, index) => index !== column), problems };
}

interface CsvRecord {
  readonly fields: readonly string[];
  readonly line: number;
}

// One character a step: repetitions within repetitions would try every way to divide a field that does not end.
const quotedForm = /[ \t]*"((?:[^"]|"")*)"[ \t]*(?=,|\n|$)/y;
const plainForm = /[^,\n]*/y;

function match(form: RegExp, text: string, at: number): RegExpExecArray | null {
  form.lastIndex = at;
  return form.exec(text);
}

/** Splits CSV; `open` is the line where a quoted field begins that never ends. */
function readRecords(text: string): { readonly records: CsvRecord[]; readonly open: number | undefined } {
  const records: CsvRecord[] = [];
  let line = 1;
  let at = 0;
  while (at < text.length) {
    const start = line;
    const fields: string[] = [];
    const end = text.indexOf('\n', at);
    const whole = text.slice(at, end < 0 ? text.length : end);
    if (whole.trim() === '' || whole.trimStart().startsWith('#')) {
      at += whole.length + 1;
      line++;
      continue;
    }
    for (;;) {
      const quotedField = match(quotedForm, text, at);
      const raw = (quotedField ?? match(plainForm, text, at))?.[0] ?? '';
      if (quotedField === null && raw.trimStart().startsWith('"')) return { records, open: line };
      fields.push(quotedField === null ? raw : (quotedField[1] ?? '').replaceAll('""', '"'));
      line += raw.split('\n').length - 1;
      at += raw.length;
      if (text[at] !== ',') break;
      at++;
    }
    records.push({ fields, line: start });
    at++;
    line++;
  }
  return { records, open: undefined };
}
