import type { FindingRow } from '../../src/diagnose/findings/finding.ts';
import { evidenceOf } from './evidence-of.ts';
import { fixtures } from './fixture.ts';

/** What one finding says of a stock server of this release, with these lines laid over its main.cf. */
export async function messagesOf(row: FindingRow, postfix: string, lines: string): Promise<readonly string[]> {
  const plain = fixtures()[0]?.parts.fine;
  if (plain === undefined) throw new Error('there are no fixtures');
  const level = postfix.startsWith('2.') ? '- compatibility_level' : 'compatibility_level = 2';
  const part = { ...plain, postfix, mainCf: `${level}\n${lines}\n`, tables: {}, certificates: [] };
  const evidence = await evidenceOf(
    part,
    (text) => text,
    () => Promise.resolve({ server: [], serverKeys: [], client: [], clientKeys: [], nobody: [] }),
    new Date(),
  );
  return row.test(evidence).map(({ message }) => message);
}
