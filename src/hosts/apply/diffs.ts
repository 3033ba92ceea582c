import { join } from 'node:path';
import { unifiedDiff } from '../../lib/diff.ts';
import { lineOf } from '../programs/manifest.ts';
import type { Pending } from './pending.ts';
import type { Rehearsal } from './rehearse.ts';
import type { Target } from './target.ts';

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
