/** `name = value` lines as postconf(1) prints them, by name; what a value ends with counts, but for white space. */
export type Values = ReadonlyMap<string, string>;

/** Reads `name = value` lines; anything else among them (warnings that were pasted along) is passed over. */
export function readValues(lines: string): Values {
  const values = new Map<string, string>();
  for (const line of lines.split('\n')) {
    const match = /^([A-Za-z0-9_.-]+) =(?: (.*))?$/.exec(line);
    if (match !== null) values.set(match[1] ?? '', (match[2] ?? '').trimEnd());
  }
  return values;
}
