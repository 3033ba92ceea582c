import type { DatabaseUrl } from '../../provision/settings/database-url.ts';

/**
 * The password that a file in libpq's format has for a database: the first line that fits. A line is
 * `host:port:database:user:password`; `*` fits anything, and a backslash stands before a colon or a backslash that is meant
 * (libpq, "The Password File").
 */
export function passwordFrom(text: string, url: DatabaseUrl): string | undefined {
  const wanted = [url.host ?? 'localhost', String(url.port ?? 5432), url.database, url.user ?? ''];
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [host, port, database, user, password] = fieldsOf(line);
    if (password === undefined) continue;
    if ([host, port, database, user].every((field, index) => field === '*' || field === wanted[index])) return password;
  }
  return undefined;
}

/** Five fields; the last goes on to the end of the line, whatever is in it. */
function fieldsOf(line: string): readonly string[] {
  const fields: string[] = [''];
  for (let at = 0; at < line.length; at++) {
    const isEscape = line[at] === '\\' && at + 1 < line.length;
    if (line[at] === ':' && fields.length < 5) fields.push('');
    else {
      if (isEscape) at++;
      fields[fields.length - 1] += line[at] ?? '';
    }
  }
  return fields;
}
