import type { RunProgram } from './programs.ts';

/** One Postfix instance of the host, as postmulti(1) lists it. */
export interface Instance {
  /** `-` for the first one, which has no name. */
  readonly name: string;
  readonly config: string;
}

/** The instances of this host; empty when postmulti(1) cannot tell. Columns: name, group, enabled, directory. */
export function instancesOf(run: RunProgram): readonly Instance[] {
  const listed = run('postmulti', ['-l']);
  if (listed.status !== 0) return [];
  return listed.stdout.split('\n').flatMap((line) => {
    const [name, , , config] = line.trim().split(/\s+/);
    return name === undefined || config === undefined ? [] : [{ name, config }];
  });
}
