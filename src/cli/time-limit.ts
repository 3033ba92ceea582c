import { usage } from '../lib/problem.ts';
import type { TimeLimit } from '../lib/time-limit.ts';
import { durationSeconds } from '../provision/rotation/duration.ts';

const longest = 86_400;

/** Reads the value of an option that limits how long a child process may run. @throws CertrelayError (usage) */
export function readTimeLimit(flag: string, value: unknown, usual: TimeLimit): TimeLimit {
  if (value === undefined) return usual;
  const shown = String(value);
  const seconds = durationSeconds(shown);
  if (seconds !== undefined && seconds > 0 && seconds <= longest) return { seconds, shown };
  throw usage('time-limit', `${flag}: "${shown}" is not a duration from 1s to 1d`, 'for example 90s, 10m or 1h');
}
