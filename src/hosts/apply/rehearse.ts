import { appendFileSync, copyFileSync, mkdtempSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unifiedDiff } from '../../lib/diff.ts';
import { CertrelayError } from '../../lib/problem.ts';
import type { Values } from '../../policy/postfix/postconf-values.ts';
import { lineOf } from '../programs/manifest.ts';
import type { PostfixPrograms } from '../programs/postfix-programs.ts';
import { edit } from './edits.ts';
import { type HostTexts, hostTexts } from './host-texts.ts';
import type { Pending } from './pending.ts';
import type { Target } from './target.ts';

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
    placeholders(join(folder, 'main.cf'), pending);
    const failed = edit(there, pending);
    if (failed !== undefined) {
      throw new CertrelayError('failure', {
        code: 'postconf-refuses',
        message: `nothing changed: postconf cannot make the changes: ${failed.stderr.trim().replaceAll(folder, programs.config)}`,
      });
    }
    // Postfix's programs read a main.cf of the last two seconds again and again, to be sure that nobody still writes it.
    for (const name of ['main.cf', 'master.cf']) utimesSync(join(folder, name), 0, 0);
    return {
      mainCf: readFileSync(join(folder, 'main.cf')),
      masterCf: readFileSync(join(folder, 'master.cf')),
      set: new Map([...there.set()].map(([name, value]) => [name, value.replaceAll(folder, programs.config)])),
      texts: hostTexts(there, programs.config),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * postconf puts new lines in an order that changes from call to call, and edits those that are there in their place: so
 * that what is shown does not change, the names are there first, in the order of the folder.
 */
function placeholders(mainCf: string, { settings }: Pending): void {
  const text = readFileSync(mainCf, 'utf8');
  const fresh = settings.filter(({ name }) => !new RegExp(`^${name}[ \\t]*=`, 'm').test(text));
  const end = text === '' || text.endsWith('\n') || fresh.length === 0 ? '' : '\n';
  appendFileSync(mainCf, `${end}${fresh.map(({ name }) => `${name} =\n`).join('')}`);
}

export interface Diff {
  readonly path: string;
  readonly diff: string;
}

/** What becomes of each file, and of the settings in force; of files with private keys only that they change. */
export function diffsOf(pending: Pending, target: Target, rehearsal: Rehearsal): readonly Diff[] {
  const { config, installDir } = target;
  const files = pending.files.map(({ name, mode, content }): Diff => {
    const path = join(installDir, name);
    const before = target.installed.get(name)?.content;
    if (mode === 0o600) return { path, diff: `${path} (holds a private key, not shown)\n` };
    return textDiff(path, before?.toString('utf8'), content.toString('utf8'));
  });
  const settings = (set: Target['set']) => [...set].map(([name, value]) => `${lineOf({ name, value })}\n`).join('');
  return [
    ...files,
    textDiff(join(config, 'main.cf'), target.mainCf.toString('utf8'), rehearsal.mainCf.toString('utf8')),
    textDiff(join(config, 'master.cf'), target.masterCf.toString('utf8'), rehearsal.masterCf.toString('utf8')),
    textDiff(`postconf -c ${config} -n`, settings(target.set), settings(rehearsal.set)),
  ].filter(({ diff }) => diff !== '');
}

function textDiff(path: string, before: string | undefined, after: string): Diff {
  return { path, diff: unifiedDiff(before === undefined ? '/dev/null' : path, path, before ?? '', after) };
}
