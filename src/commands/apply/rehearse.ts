import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PostfixPrograms, Values } from '../../host/postfix-programs.ts';
import type { Ended } from '../../host/programs.ts';
import { CertrelayError } from '../../lib/problem.ts';
import { edit } from './edits.ts';
import { type HostTexts, hostTexts } from './host-texts.ts';
import type { Pending } from './pending.ts';

/** main.cf and master.cf as they will be, byte for byte, and what they then say. */
export interface Rehearsal {
  readonly mainCf: Buffer;
  readonly masterCf: Buffer;
  /** What main.cf sets (`postconf -n`). */
  readonly set: Values;
  readonly texts: HostTexts;
}

/**
 * Has the host's own postconf(1) edit copies of main.cf and master.cf, in a folder of root's that is gone afterwards.
 * @throws CertrelayError (failure) when postconf refuses.
 */
export function rehearse(programs: PostfixPrograms, pending: Pending): Rehearsal {
  const folder = mkdtempSync(join(tmpdir(), 'certrelay-apply-'));
  try {
    for (const name of ['main.cf', 'master.cf']) copyFileSync(join(programs.config, name), join(folder, name));
    const there = programs.over(folder);
    const failed = editOneByOne(there, pending);
    if (failed !== undefined) {
      throw new CertrelayError('failure', {
        code: 'postconf-refuses',
        message: `nothing changed: postconf cannot make the changes: ${failed.stderr.trim().replaceAll(folder, programs.config)}`,
      });
    }
    return {
      mainCf: readFileSync(join(folder, 'main.cf')),
      masterCf: readFileSync(join(folder, 'master.cf')),
      set: there.set(),
      texts: hostTexts(there, programs.config),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** So that new lines come in the order of the folder, where one call would have them in an order that changes. */
function editOneByOne(programs: PostfixPrograms, { settings, removals, services }: Pending): Ended | undefined {
  for (const setting of settings) {
    const failed = edit(programs, { settings: [setting], removals: [], services: [] });
    if (failed !== undefined) return failed;
  }
  return edit(programs, { settings: [], removals, services });
}
