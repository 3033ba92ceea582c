import { resolve } from 'node:path';
import { readText } from '../../lib/files/read.ts';
import { CertrelayError, type Problem } from '../../lib/problem.ts';
import { readClientsFile } from '../settings/clients-file.ts';
import { readNames } from '../settings/name-list.ts';
import { checkSettings } from '../settings/setting-rules.ts';
import type { Inventory } from '../settings/types.ts';

/** An inventory with more hosts in it. */
export interface NewMembers {
  readonly inventory: Inventory;
  /** The hosts that were named, present or not. */
  readonly names: readonly string[];
  readonly notes: readonly Problem[];
}

/**
 * Puts the named hosts into an inventory, by the rules that judge names and settings everywhere. A host that is there already
 * stays as it is.
 * @throws CertrelayError (usage) with all that is wrong.
 */
export function newMembers(
  args: readonly string[],
  clientsFile: string | undefined,
  role: 'server' | 'client',
  before: Inventory,
  cwd: string,
): NewMembers {
  const problems: Problem[] = [];
  const notes: Problem[] = [];
  const named = args.map((text) => ({ text }));
  const listed = clientsFile === undefined ? [] : fromFile(clientsFile, resolve(cwd, clientsFile), problems, notes);
  const names = [
    ...new Set([
      ...(readNames(named, { problems, notes, source: 'NAME' }) ?? []),
      ...(readNames(listed, { problems, notes, source: '--clients-file' }) ?? []),
    ]),
  ];
  const present = new Set(before[`${role}s`].map(({ name }) => name));
  const added = names.filter((name) => !present.has(name)).map((name) => ({ name }));
  const clients = new Set(before.clients.map(({ name }) => name));
  // A server that becomes a client keeps its file names; a client that became a server would have to change them.
  for (const { name } of role === 'server' ? added.filter((host) => clients.has(host.name)) : []) {
    problems.push({
      code: 'add-second-role',
      message: `"${name}" is a client already`,
      hint: `remove it first, then "certrelay add ${name} --role server" and "certrelay add ${name}"`,
    });
  }
  const inventory = { ...before, [`${role}s`]: [...before[`${role}s`], ...added] };
  if (problems.length === 0) problems.push(...checkSettings(inventory));
  if (problems.length > 0) throw new CertrelayError('usage', ...problems);
  return { inventory, names, notes };
}

function fromFile(given: string, path: string, problems: Problem[], notes: Problem[]) {
  const file = readClientsFile(readText(path), given);
  problems.push(...file.problems);
  if (file.unused.length > 0) {
    const columns = file.unused.map((column) => JSON.stringify(column)).join(', ');
    notes.push({ code: 'csv-unused', message: `"${given}": columns ${columns} are not used` });
  }
  if (file.names.length === 0 && file.problems.length === 0) {
    problems.push({ code: 'clients-file-empty', message: `"${given}" names no client` });
  }
  return file.names.map(({ text, line }) => ({ text, where: { file: given, line, column: 1 } }));
}
