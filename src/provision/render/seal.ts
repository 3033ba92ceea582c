import { createHash } from 'node:crypto';

const words = '# sha256 of the lines above: ';

/**
 * A lookup table whose last line, a comment, says what the lines above it were when they were made. A table changes when
 * the certificates of others do, so it says so itself, and the list of digests beside it need not change with it.
 */
export function sealed(table: string): string {
  return `${table}${words}${digest(table)}\n`;
}

/** True for a table as `sealed` made it: no line was changed, left out, or added behind. */
export function isIntact(table: string): boolean {
  const at = table.lastIndexOf(words);
  return at >= 0 && table === sealed(table.slice(0, at));
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
