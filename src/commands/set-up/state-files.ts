import type { LedgerState } from '../../inventory/ledger-state.ts';
import type { Inventory } from '../../inventory/types.ts';
import type { Change } from '../../lib/files.ts';
import type { RenderPlan } from '../../render/plan.ts';
import { credentialFiles } from './credential-files.ts';
import type { NewKey } from './issue-missing.ts';
import { authorityKeyPath } from './paths.ts';

/**
 * Everything below the state's folder except ledger and inventory: keys that are there, of which only the mode matters,
 * new keys, which must not meet a file of their name, and what is derived, which replaces what is there.
 */
export function stateFiles(
  inventory: Inventory,
  ledger: LedgerState,
  plan: RenderPlan,
  newKeys: readonly NewKey[],
  read: (path: string) => string | undefined,
): readonly Change[] {
  const fresh = new Map(newKeys.map(({ to, pem }) => [to, pem]));
  const old = new Set(read(authorityKeyPath) === undefined ? [] : [authorityKeyPath]);
  const credentials = credentialFiles(inventory, ledger, (path) => {
    const present = fresh.get(path) ?? read(path);
    if (present !== undefined && !fresh.has(path)) old.add(path);
    return present;
  });
  // Nothing writes a key twice, but whoever opened its mode made a hole that every run should close.
  const kept = [...old].map((path): Change => ({ kind: 'keep', path, rank: 'key', secret: true }));
  const keys = newKeys.map(
    ({ to, pem }): Change => ({
      kind: 'replace',
      path: to,
      rank: 'key',
      content: pem,
      secret: true,
      existing: 'refuse',
    }),
  );
  const derived = [...credentials, ...plan.outputs].map(
    ({ to, mode, content }): Change => ({
      ...{ kind: 'replace', path: to, rank: 'file', content, existing: 'replace' },
      secret: mode === 0o600,
    }),
  );
  return [...kept, ...keys, ...derived];
}
