import type { Assignment } from './view.ts';

/**
 * The parameters that a fragment sets, in its order, as its text says them: what is installed is what is read here,
 * so that text and installation cannot differ. Fragments have one parameter a line (no continuation), none twice.
 */
export function parametersOf(fragment: string): readonly Assignment[] {
  const found = new Map<string, string>();
  for (const line of fragment.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const match = /^([A-Za-z][A-Za-z0-9_]*) =(?: (\S|\S.*\S))?$/.exec(line);
    const name = match?.[1];
    if (name === undefined) throw new Error(`a template makes a line that is no parameter: ${JSON.stringify(line)}`);
    if (found.has(name)) throw new Error(`a template sets "${name}" twice`);
    found.set(name, match?.[2] ?? '');
  }
  return [...found].map(([name, value]) => ({ name, value }));
}
