import type { AskedProgramName } from '../../postfix/config.ts';

/**
 * What is missing where a program dies that the server asks: the server waits for it until its client is gone, and what
 * it would have said nobody learns.
 */
export function deadProgram(program: AskedProgramName, fatal: string): string {
  const name = program === 'everyone' ? 'every other program of Postfix' : program;
  return `an answer of ${name}, which dies: fatal: ${fatal}`;
}
