import { join, resolve } from 'node:path';
import type { FileOperations } from '../../../lib/files/operations.ts';
import { readText, readTextIfAny } from '../../../lib/files/read.ts';
import { exitCodes, usage } from '../../../lib/problem.ts';
import { plan } from '../../../provision/render/plan.ts';
import { readTemplates } from '../../../provision/state/templates.ts';
import { type Outcome, overall } from '../../../provision/verify/verify.ts';
import { asPlanned, type Base, baseOf, verifyPlan } from '../../../provision/verify/verify-plan.ts';
import { verificationDocument, verificationText } from '../../../report/verification.ts';
import type { Io, Options } from '../../command.ts';
import { existingState } from '../../state.ts';

/** A map of a hundred thousand lines, each with its comments, has some twenty megabytes. */
const largest = 256 * 1_048_576;

const headlines: Readonly<Record<Outcome, string>> = {
  met: 'verified: the listed certificates may relay, and nobody else\n',
  broken: 'not as it should be: look at the lines marked "broken"\n',
  unknown: 'cannot be decided: the answer needs what the lines marked "unknown" name\n',
};

/** certrelay verify: the files as they lie in the state's folder, judged over a base. */
export function runVerify(options: Options, io: Io, files?: FileOperations): number {
  const { root, inventory, state } = existingState(options, io, undefined, files);
  // Servers are judged; what clients' files say is compared by status and render.
  const servers = inventory.servers.map(({ name }) => name);
  const rendered = plan({ inventory, ledger: state }, readTemplates(), servers);
  const planned = asPlanned(rendered);
  const verifications = verifyPlan({
    ...{ inventory, ledger: state, plan: rendered, base: givenBase(options, io) ?? baseOf(inventory) },
    rendered: (to) => readTextIfAny(join(root, to), largest) ?? planned(to),
  });
  const proof = overall(verifications.flatMap(({ rows }) => rows));
  if (options.json === true) {
    const verification = verifications.map(verificationDocument);
    io.stdout.write(`${JSON.stringify({ schema: 'certrelay/verify@1', proof, verification }, undefined, 2)}\n`);
  } else if (options.quiet !== true || proof !== 'met') {
    io.stdout.write(`${headlines[proof]}\n${verificationText(verifications)}`);
  }
  return exitCodes[({ met: 'done', broken: 'denied', unknown: 'unknown' } as const)[proof]][0];
}

function givenBase(options: Options, io: Io): Base | undefined {
  const { mainCf, masterCf, service, table } = options;
  const read = (path: string) => readText(resolve(io.cwd, path));
  if (typeof mainCf !== 'string') {
    if (masterCf === undefined && service === undefined && table === undefined) return undefined;
    throw usage(
      'main-cf-missing',
      '--master-cf, --service and --table go with --main-cf',
      'give the main.cf that they belong to',
    );
  }
  const tables = Array.isArray(table) ? table.map((given) => tableOf(String(given), read)) : [];
  return {
    ...{ name: mainCf, mainCf: read(mainCf), tables: Object.fromEntries(tables) },
    ...(typeof masterCf === 'string' ? { masterCf: read(masterCf) } : {}),
    ...(typeof service === 'string' ? { service } : {}),
  };
}

function tableOf(given: string, read: (path: string) => string): readonly [string, string] {
  const equals = given.indexOf('=');
  if (equals <= 0)
    throw usage('table-form', `--table: "${given}" is not PATH=FILE`, 'e.g. --table /etc/postfix/access=access');
  return [given.slice(0, equals), read(given.slice(equals + 1))];
}
