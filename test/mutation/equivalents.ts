/**
 * Changes that no session can show, with the reason. One that is told apart all the same fails the run, as does one
 * that is no mutant.
 */
export const equivalents: ReadonlyMap<string, string> = new Map([]);
