import type { Span } from '../../lib/problem.ts';
import { type FingerprintShape, fingerprintShape } from '../../x509/fingerprint-text.ts';
import {
  type FingerprintTable,
  fingerprintTables,
  hasFixedKeys,
  type TableLine,
  tableLines,
} from '../configuration/certificate-use.ts';
import type { TableEdit } from '../configuration/edit.ts';
import type { Evidence, ServerEvidence, ServiceEvidence, TableEvidence } from '../evidence/evidence.ts';
import type { FindingRow, Occurrence } from './finding.ts';
import { decisiveFor, perService } from './per-service.ts';

type Known = FingerprintTable & { readonly source: TableEvidence };

function perTable(
  evidence: Evidence,
  test: (table: Known, server: ServerEvidence, service: ServiceEvidence) => readonly Occurrence[],
): readonly Occurrence[] {
  return perService(evidence, (server, service) =>
    fingerprintTables(server, service)
      .filter((table): table is Known => table.source !== undefined && hasFixedKeys(table))
      .flatMap((table) => test(table, server, service)),
  );
}

function lineOf({ source }: Known, { line }: Pick<TableLine, 'line'>): { readonly where: Span } {
  return { where: { file: source.file, line, column: 1 } };
}

/** What a line was probably written to list: blanks between the pairs make the first pair the key. */
function meantKey({ key, text }: TableLine): { readonly shape: FingerprintShape; readonly rest: string } {
  const spread = /^\s*((?:[0-9a-f]{2}[ \t-]+){15,}[0-9a-f]{2})(?:[ \t]+(.*))?$/i.exec(text);
  if (spread === null) return { shape: fingerprintShape(key), rest: text.trim().slice(key.length).trim() };
  return { shape: fingerprintShape((spread[1] ?? '').replace(/[\s-]+/g, '')), rest: spread[2] ?? '' };
}

function withLines({ spec, path, source }: Known, lines: ReadonlyMap<number, string>): TableEdit {
  const text = source.text.split('\n').map((line, index) => lines.get(index + 1) ?? line);
  return { kind: 'table', spec, path, text: text.join('\n') };
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** The lines of the tables that fingerprints are looked up in. */
export const mapKeyFindings: readonly FindingRow[] = [
  {
    id: 'key-spelling',
    severity: 'error',
    title: 'a fingerprint is not written as Postfix writes it, and never matches',
    doc: 'The server looks a fingerprint up as pairs of hexadecimal digits with colons between them; letter case does not matter. postmap(1) takes any other spelling and says nothing.',
    test: (evidence) =>
      perTable(evidence, (table, _server, service) => {
        const wrong = tableLines(table.source)
          .map((line) => ({ line, meant: meantKey(line) }))
          .flatMap(({ line, meant: { shape, rest } }) =>
            shape.kind === 'other spelling' ? [{ line, should: shape.should, rest }] : [],
          );
        const corrected = new Map(wrong.map(({ line, should, rest }) => [line.line, `${should} ${rest || 'listed'}`]));
        const [first] = wrong;
        if (first === undefined) return [];
        return [
          {
            ...lineOf(table, first.line),
            parameter: table.parameter,
            ...decisiveFor(evidence, service, ({ conversation }) => conversation.tls?.certificate !== undefined),
            message: `"${shortened(first.line.key)}" never matches${wrong.length === 1 ? '' : `, nor do ${wrong.length - 1} more keys`}: a fingerprint has colons between its pairs`,
            why: `the server looks for "${shortened(first.should)}"`,
            repair: `write the keys with colons${/^(?:hash|btree|dbm|sdbm|cdb|lmdb)$/.test(table.type) ? `, and run "postmap ${table.spec}"` : ''}`,
            edits: [[withLines(table, corrected)]],
          },
        ];
      }),
  },
  {
    id: 'key-not-a-fingerprint',
    severity: 'warning',
    title: 'a key is no fingerprint of any digest',
    doc: 'What is looked up is the fingerprint of a certificate or of its public key, never a name or an address.',
    test: (evidence) =>
      perTable(evidence, (table) =>
        tableLines(table.source)
          .filter((line) => {
            const { shape } = meantKey(line);
            return (
              shape.kind === 'none' ||
              (shape.kind === 'fingerprint' && ![16, 20, 28, 32, 48, 64].includes(shape.octets))
            );
          })
          .slice(0, 20)
          .map((line) => ({
            ...lineOf(table, line),
            parameter: table.parameter,
            message: `"${shortened(line.key)}" is no fingerprint`,
            why: 'the server looks for the fingerprint of a certificate or of its public key, in hexadecimal pairs with colons',
            repair: 'write the fingerprint as "certrelay fingerprint" prints it',
          })),
      ),
  },
  {
    id: 'map-line-without-value',
    severity: 'error',
    title: 'a line has no value and is left out of the table',
    doc: 'postmap(1) wants a key and a value on each line. A line without a value is left out with a warning, and postmap still ends well.',
    test: (evidence) =>
      perTable(evidence, (table, _server, service) => {
        const wrong = tableLines(table.source).filter(
          (line) => line.value === '' && meantKey(line).shape.kind === 'fingerprint',
        );
        const [first] = wrong;
        if (first === undefined) return [];
        const corrected = new Map(wrong.map(({ line, key }) => [line, `${key} listed`]));
        return [
          {
            ...lineOf(table, first),
            parameter: table.parameter,
            ...decisiveFor(evidence, service, ({ conversation }) => conversation.tls?.certificate !== undefined),
            message: `"${shortened(first.key)}" has no value${wrong.length === 1 ? '' : `, nor have ${wrong.length - 1} more`}, and is not in the table`,
            why: 'postmap leaves such a line out, warns, and ends as if all were well',
            repair: 'write anything behind the fingerprint, such as the name of the client',
            edits: [[withLines(table, corrected)]],
          },
        ];
      }),
  },
  {
    id: 'map-duplicate-key',
    severity: 'warning',
    title: 'a fingerprint is listed twice',
    doc: 'postmap(1) keeps the first line and warns; a texthash table with a key twice cannot be read at all.',
    test: (evidence) =>
      perTable(evidence, (table) => {
        const seen = new Map<string, number>();
        return tableLines(table.source).flatMap((line): readonly Occurrence[] => {
          const key = line.key.toLowerCase();
          const before = seen.get(key);
          if (before === undefined) seen.set(key, line.line);
          if (before === undefined || line.value === '') return [];
          const lost = table.type === 'texthash';
          return [
            {
              ...lineOf(table, line),
              parameter: table.parameter,
              ...(lost ? { severity: 'error' as const } : {}),
              message: `"${shortened(line.key)}" is listed in line ${before} already`,
              why: lost
                ? 'a texthash table with a key twice cannot be read: every lookup in it fails with 451 4.3.0'
                : 'only the first of the two lines counts; the second will still let the client in when the first is taken out',
              repair: 'take one of the two lines out',
              ...(lost ? { edits: [[withoutLine(table, line.line)]] } : {}),
            },
          ];
        });
      }),
  },
  {
    id: 'value-not-looked-at',
    severity: 'warning',
    title: 'a value looks like a refusal, but every listed certificate is let in',
    doc: 'permit_tls_clientcerts asks only whether relay_clientcerts lists a fingerprint; with which value makes no difference.',
    test: (evidence) =>
      perTable(evidence, (table) =>
        table.parameter !== 'relay_clientcerts'
          ? []
          : tableLines(table.source)
              .filter(({ value }) =>
                /^(?:reject|defer|deny|denied|revoked|no|dunno|discard|hold|[45]\d\d)\b/i.test(value),
              )
              .map((line) => ({
                ...lineOf(table, line),
                parameter: table.parameter,
                message: `"${shortened(line.value)}" refuses nobody: the fingerprint is listed, and so its client can relay`,
                why: 'permit_tls_clientcerts asks only whether the fingerprint is listed',
                repair: 'take the line out, and run postmap; check_ccert_access has tables whose values count',
              })),
      ),
  },
];

function withoutLine({ spec, path, source }: Known, line: number): TableEdit {
  const text = source.text.split('\n').filter((_, index) => index + 1 !== line);
  return { kind: 'table', spec, path, text: text.join('\n') };
}
