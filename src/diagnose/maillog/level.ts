import type { Span } from '../../lib/problem.ts';
import type { LoggedTrouble } from './session.ts';

const leveled = /^(warning|error|fatal|panic): (.*)$/;

/** A line that begins with the level of its trouble, as msg(3) writes it. */
export function readTrouble(message: string, where: Span): LoggedTrouble | undefined {
  const first = message.charCodeAt(0);
  // w, e, f, p: most lines are of none of these.
  if (first !== 119 && first !== 101 && first !== 102 && first !== 112) return undefined;
  const match = leveled.exec(message);
  if (match === null) return undefined;
  return { level: match[1] as LoggedTrouble['level'], text: match[2] ?? '', where };
}
