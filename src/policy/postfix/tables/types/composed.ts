import { shownFingerprint } from '../../../../lib/placeholder-fingerprint.ts';
import { type Table, TableFailure } from '../../config.ts';
import { tableCuts } from '../../cut.ts';
import { tokens } from '../../tokens.ts';
import { bracedList } from '../braced-list.ts';
import { surrogate } from '../surrogate.ts';
import type { TableHost, TableType } from '../table-type.ts';

/** unionmap: all members are asked, the results joined by commas. */
export const unionmap: TableType = {
  type: 'unionmap',
  since: '3.0',
  doc: 'Several tables, all asked with the same key; their results joined by commas.',
  open: (name, host) =>
    compose(
      `unionmap:${name}`,
      name,
      host,
      (members, key) => {
        let joined: string | undefined;
        for (const member of members) {
          const found = member.find(key);
          if (found instanceof TableFailure) return found;
          if (found !== undefined) joined = joined === undefined ? found : `${joined},${found}`;
        }
        return joined;
      },
      (members) => members,
    ),
};

/** pipemap: each result is the key of the next member. */
export const pipemap: TableType = {
  type: 'pipemap',
  since: '3.0',
  doc: 'Several tables in a row; the result of one is the key of the next.',
  open: (name, host) =>
    compose(
      `pipemap:${name}`,
      name,
      host,
      (members, key) => {
        let current = key;
        for (const member of members) {
          const found = member.find(current);
          if (found === undefined || found instanceof TableFailure) return found;
          current = found;
        }
        return current;
      },
      (members) => members.slice(0, 1),
    ),
};

function compose(
  spec: string,
  name: string,
  host: TableHost,
  ask: (members: readonly Table[], key: string) => string | undefined | TableFailure,
  /** The members that the key itself is looked for in. */
  askedFirst: (members: readonly Table[]) => readonly Table[],
): Table {
  const body = bracedList(name);
  const specs = body === undefined ? [] : tokens(body, host.version);
  if (specs.length === 0 || specs.some((member) => !member.includes(':'))) {
    const type = spec.slice(0, spec.indexOf(':'));
    return surrogate(spec, `bad syntax: "${spec}"; need "${type}:{type:name...}"`);
  }
  const members = specs.map((member) => host.open(member));
  const dead = members.find((member) => member.fatal !== undefined);
  const cuts = tableCuts(askedFirst(members));
  const opaque = members.find((member) => member.opaque !== undefined)?.opaque;
  return {
    spec,
    // The class of the whole is that of its first member.
    fixed: members[0]?.fixed ?? false,
    find: (key) => {
      const found = ask(members, key);
      if (!(found instanceof TableFailure)) return found;
      return new TableFailure(found.kind, [
        ...found.log,
        `warning: ${spec} lookup error for "${shownFingerprint(key)}"`,
      ]);
    },
    ...(cuts.some(({ notEnumerable }) => notEnumerable !== undefined)
      ? {}
      : { keys: () => cuts.flatMap(({ keys }) => [...keys]) }),
    ...(opaque === undefined ? {} : { opaque }),
    ...(dead?.fatal === undefined ? {} : { fatal: dead.fatal }),
    ...(dead?.reader === undefined ? {} : { reader: dead.reader }),
    warnings: members.flatMap((member) => member.warnings),
  };
}
