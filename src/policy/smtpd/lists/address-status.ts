import type { Run } from './run.ts';

/** An address-related status (X.1.N) tells who is wrong: it is mapped to the party that is refused. */
const sender: Readonly<Record<string, string>> = {
  1: '1.7',
  4: '1.7',
  6: '1.7',
  2: '1.8',
  8: '1.8',
  3: '1.7',
  7: '1.7',
  5: '1.0',
};
const recipient: Readonly<Record<string, string>> = {
  1: '1.1',
  4: '1.4',
  6: '1.6',
  2: '1.2',
  8: '1.2',
  3: '1.3',
  7: '1.3',
  5: '1.5',
};

/** The status that fits the reply class, e.g. 5.1.1 for a sender becomes 5.1.7 (RFC 3463, section 3.2). */
export function fitStatus(run: Run, dsn: string, className: string): string {
  if (!dsn.startsWith('.1.', 1)) return dsn;
  const detail = dsn.slice(4);
  const fitted = dsn.slice(0, 2) + detailFor(className, detail);
  if (fitted !== dsn) run.warn(`mapping DSN status ${dsn} into ${className} status ${fitted}`);
  return fitted;
}

function detailFor(className: string, detail: string): string {
  if (className === 'Sender address') return sender[detail] ?? '1.0';
  if (className === 'Recipient address') return recipient[detail] ?? '1.0';
  return '0.0';
}
