import { join } from 'node:path';
import { type AuditedServer, readGiven, withOpenTables } from '../../../diagnose/evidence/audited-server.ts';
import type { GivenText } from '../../../diagnose/evidence/given-files.ts';
import { readTextIfAny } from '../../../lib/files/read.ts';
import { type Problem, usage } from '../../../lib/problem.ts';
import { inForce, joined, placeIn } from '../../../policy/identities/judge.ts';
import { plan } from '../../../provision/render/plan.ts';
import type { Inventory } from '../../../provision/settings/types.ts';
import { readTemplates } from '../../../provision/state/templates.ts';
import { asPlanned, baseOf, benches, knownTables } from '../../../provision/verify/verify-plan.ts';
import type { Io, Options } from '../../command.ts';
import { existingState } from '../../state.ts';

/** A map of a hundred thousand lines, each with its comments, has some twenty megabytes. */
const largest = 256 * 1_048_576;

/** A server of a set-up, as its files lie in the folder, over its base. Throws a CertrelayError. */
export function renderedServer(options: Options, io: Io): AuditedServer {
  refuseStray(options);
  const { root, inventory, state } = existingState(options, io);
  const name = serverName(options, inventory);
  const rendered = plan({ inventory, ledger: state }, readTemplates(), [name]);
  const view = rendered.hosts.get(name);
  if (view === undefined) throw new Error('a server that was not rendered');
  const base = baseOf(inventory);
  const planned = asPlanned(rendered);
  const text = (to: string) => readTextIfAny(join(root, to), largest) ?? planned(to);
  const { merged } = benches(view, { inventory, base, rendered: text });
  const parts = inForce(merged.mainCf);
  const main = `main.cf of ${name}`;
  const given = (label: string, content: string): GivenText => ({
    // No table lies beside it: all that are known are given.
    ...{ name: label, path: join(root, 'none', 'main.cf'), text: content },
  });
  const problems: Problem[] = [];
  const evidence = readGiven(
    {
      server: given(main, joined(parts)),
      ...(merged.masterCf === undefined ? {} : { master: given(`master.cf of ${name}`, merged.masterCf) }),
      tables: Object.entries(merged.tables).map(([path, content]) => ({
        path,
        source: given(fileOf(path, knownTables(view), name), content),
      })),
      ...{ unnamedTables: [], logs: [], certificates: [], keys: [] },
    },
    view.postfix,
    merged.service,
    io.cwd,
    problems,
  );
  return {
    name: `${name} over ${base.name}`,
    evidence,
    config: withOpenTables(evidence.services[0]),
    problems,
    flags: undefined,
    placeOf(span) {
      const place = span.file === main ? placeIn(parts, span.line) : undefined;
      return place === undefined ? span : { file: place.name, line: place.line, column: span.column };
    },
  };
}

function fileOf(
  path: string,
  tables: readonly { readonly name: string; readonly file: string }[],
  server: string,
): string {
  const table = tables.find((each) => each.name === path);
  return table === undefined ? path : `hosts/${server}/${table.file}`;
}

function refuseStray(options: Options): void {
  const stray = ['postfix', 'masterCf', 'service', 'table'].find((name) => options[name] !== undefined);
  if (stray === undefined) return;
  const flag = `--${stray.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  throw usage('main-cf-missing', `${flag} goes with --main-cf`, 'without it, the rendered configuration is audited');
}

function serverName({ server }: Options, { servers }: Inventory): string {
  const names = servers.map(({ name }) => name);
  const [first] = names;
  if (typeof server === 'string') {
    if (names.includes(server)) return server;
    throw usage('server-unknown', `"${server}" is no server of this set-up`, `it has ${names.join(', ')}`);
  }
  if (first !== undefined && names.length === 1) return first;
  throw usage('server-missing', 'which server? --server is missing', `the set-up has ${names.join(', ')}`);
}
