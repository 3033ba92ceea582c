import { parseDatabaseUrl, passwordProblem, printDatabaseUrl, transportProblem } from './database-url.ts';
import type { Reading } from './host-name.ts';

/** Most databases that are asked in turn; a farm has a primary and a few that follow it. */
const most = 8;

/** Connection URIs as the servers reach the database, each once and in one form. A password is refused. */
export function readDatabaseUrls(given: readonly string[], reading: Reading): readonly string[] | undefined {
  const urls = new Set<string>();
  const before = reading.problems.length;
  for (const text of given) {
    const read = parseDatabaseUrl(text);
    const problem =
      'message' in read
        ? read
        : read.password === undefined
          ? transportProblem(read.url)
          : { ...passwordProblem, hint };
    if (problem !== undefined) reading.problems.push({ ...problem, message: `${reading.source}: ${problem.message}` });
    else if ('url' in read) urls.add(printDatabaseUrl(read.url));
  }
  if (urls.size > most) {
    reading.problems.push({
      code: 'database-many',
      message: `${reading.source}: more than ${most} databases are named`,
    });
  }
  return reading.problems.length > before ? undefined : [...urls];
}

const hint = 'leave it out: each server has a password file of its own, which no folder of certrelay holds';
