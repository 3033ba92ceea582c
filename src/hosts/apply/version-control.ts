import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Problem } from '../../lib/problem.ts';

const systems = [
  ['.git', 'git', (folder: string) => `git -C ${folder} commit -a`],
  ['.hg', 'Mercurial', (folder: string) => `hg -R ${folder} commit`],
  ['.bzr', 'Bazaar', (folder: string) => `bzr commit ${folder}`],
  ['RCS', 'RCS', (folder: string) => `ci -l ${folder}/main.cf`],
] as const;

/** main.cf is kept in a version control system: its keeper commits, for only he knows what else is to be in the commit. */
export function versionControlled(config: string): Problem | undefined {
  for (let folder = config; folder !== '/'; folder = dirname(folder)) {
    const system = systems.find(([mark]) => existsSync(join(folder, mark)));
    if (system === undefined) continue;
    const [, name, command] = system;
    const keeper = existsSync(join(folder, '.etckeeper')) ? 'etckeeper commit "certrelay apply"' : command(folder);
    return {
      code: 'version-controlled',
      message: `main.cf is under version control (${name} in "${folder}"), and nothing is committed`,
      hint: `commit the change yourself: ${keeper}`,
    };
  }
  return undefined;
}
