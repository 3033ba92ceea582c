import { TableFailure } from '../postfix/config.ts';

/** A text that is the same for answers that lead to the same, whatever key they were found by. */
export function sameness(answer: unknown): string {
  if (typeof answer === 'string') return `"${answer}`;
  // Its log names the key; the reply does not.
  if (answer instanceof TableFailure) return `failure ${answer.kind}`;
  return typeof answer === 'object' && answer !== null ? `object ${JSON.stringify(answer)}` : String(answer);
}
