import { unifiedDiff } from '../../lib/diff.ts';
import { atLeast, type Version } from '../../policy/postfix/version.ts';
import { type Edit, parameterSet, withOverride } from '../configuration/edit.ts';
import type { ServerEvidence } from '../evidence/evidence.ts';

/** The commands that make the edits, in their order (postconf(1), postmap(1)). */
export function commandsOf(edits: readonly Edit[], version: Version): readonly string[] {
  return edits.flatMap((edit) => {
    if (edit.kind === 'table') {
      const compiled = /^(?:hash|btree|dbm|sdbm|cdb|lmdb):/.test(edit.spec);
      return [`# edit ${edit.path} as the diff shows`, ...(compiled ? [`postmap ${quoted(edit.spec)}`] : [])];
    }
    const { name, value, service } = edit;
    const assignment = value === '' ? `${name} =` : `${name} = ${value}`;
    if (service === undefined) return [`postconf -e ${quoted(assignment)}`];
    // postconf -P came with 2.11.
    if (atLeast(version, '2.11')) return [`postconf -P ${quoted(`${service}/${name}=${value}`)}`];
    return [`# in master.cf, service ${service}: -o ${name}=${value}`];
  });
}

function quoted(text: string): string {
  return /^[\w:/.=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** What the edits change in the files that were given, in unified format. */
export function diffOf(edits: readonly Edit[], server: ServerEvidence): string {
  let { text } = server;
  let master = server.master?.text ?? '';
  const tables = new Map<string, string>();
  for (const edit of edits) {
    if (edit.kind === 'table') tables.set(edit.path, edit.text);
    else if (edit.service === undefined) text = parameterSet(text, edit.name, edit.value);
    else master = withOverride(master, edit);
  }
  const tableDiffs = [...tables].map(([path, after]) => {
    const source = server.tables.find((table) => table.path === path);
    return unifiedDiff(source?.file ?? path, source?.file ?? path, source?.text ?? '', after);
  });
  const masterFile = server.master?.file ?? 'master.cf';
  return [
    unifiedDiff(server.file, server.file, server.text, text),
    unifiedDiff(masterFile, masterFile, server.master?.text ?? '', master),
    ...tableDiffs,
  ].join('');
}
