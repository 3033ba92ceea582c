/** The names in an answer: separated by commas, blanks or both. */
export function splitNames(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((name) => name !== '');
}

/** The path in an answer such as `@clients.txt`; no host name begins with `@`. */
export function namesFile(text: string): string | undefined {
  const trimmed = text.trim();
  return trimmed.startsWith('@') && trimmed.length > 1 ? trimmed.slice(1) : undefined;
}
