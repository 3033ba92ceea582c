import { hostname, userInfo } from 'node:os';
import type { Access } from '../../../hosts/publish/connection.ts';
import { ledgerDigest } from '../../../hosts/publish/ledger-digest.ts';
import { isEmpty, lineOf } from '../../../hosts/publish/line.ts';
import { exitCodes, usage } from '../../../lib/problem.ts';
import { mapEntries } from '../../../provision/render/relay-clientcerts.ts';
import { planRotation } from '../../../provision/rotation/plan.ts';
import { isPublished, publicationIsDue } from '../../../provision/rotation/publication.ts';
import { performable } from '../../../provision/rotation/selection.ts';
import type { Inventory, PublicationMoment } from '../../../provision/settings/types.ts';
import { settle } from '../../../provision/state/settle.ts';
import { afterwards, type Stored, saveState } from '../../../provision/state/store.ts';
import { type PublishReport, publishDocument, publishText } from '../../../report/publish.ts';
import { refusalText } from '../../../report/verification.ts';
import type { Io, Options } from '../../command.ts';
import { existingState, outOf } from '../../state.ts';

type State = Stored & { readonly inventory: Inventory };

/** Brings the table to what the state leads to, once that is proved; writes the publication into the ledger. */
export async function publishToDatabase(access: Access, options: Options, io: Io): Promise<number> {
  const dryRun = options.check === true || options.dryRun === true;
  const stored = existingState(options, io);
  if (!isPublished(stored.inventory)) {
    throw usage(
      'publish-files',
      'the servers of this set-up have their maps as files, and ask no database',
      'bring the files there with "certrelay publish --deploy-hook COMMAND", or choose the database with "certrelay init --table-type pgsql --database URL --yes"',
    );
  }
  const settled = await settle(stored, { inventory: stored.inventory, events: [], keys: [] }, { dryRun });
  if (settled.proof !== 'met') {
    io.stdout.write(refusalText(settled.proof, settled.verifications));
    return exitCodes[settled.proof === 'broken' ? 'denied' : 'unknown'][0];
  }
  const { placeOf } = await import('../../../hosts/publish/trouble.ts');
  const done = await throughConnection(access, { ...settled.stored, inventory: stored.inventory }, dryRun, options, io);
  const { difference, table, state } = done;
  const pending = !isEmpty(difference);
  const report: PublishReport = {
    ...{ out: outOf(options), database: placeOf(access.url), table, dryRun, difference },
    changed: pending && !dryRun,
    pending: pending && dryRun,
    events: state.state.events,
    position: state.state.published?.position,
    mayGoOn: !dryRun && performable(planRotation(state.inventory, state.state, io.now())).length > 0,
    showsLines: options.diff === true,
    notes: settled.notices,
  };
  if (options.json === true) io.stdout.write(`${JSON.stringify(publishDocument(report), undefined, 2)}\n`);
  else if (options.quiet !== true) io.stdout.write(publishText(report));
  return exitCodes[pending && options.check === true ? 'changes' : 'done'][0];
}

async function throughConnection(access: Access, start: State, dryRun: boolean, options: Options, io: Io) {
  const { connect } = await import('../../../hosts/publish/connection.ts');
  const { compare, publish } = await import('../../../hosts/publish/publication.ts');
  const { inventory } = start;
  let state = start;
  const remember = async (moment: PublicationMoment, table: string) => {
    const events = [{ at: io.now().toISOString(), event: 'published', moment, table } as const];
    await saveState(state, { inventory, events, files: [] });
    state = { ...afterwards(state, { inventory, events, files: [] }), inventory };
  };
  const known = () => ({
    events: state.ledger.events.length,
    ledgerDigest: (count: number) => ledgerDigest(state.ledger.events, count),
  });
  const wanted = {
    ...known(),
    lines: mapEntries({ inventory, ledger: state.state }).map(lineOf),
    publisher: publisher(),
    table: options.newTable === true ? undefined : state.state.published?.table,
  };
  const connection = await connect(access);
  try {
    if (dryRun) return { ...(await compare(connection, wanted)), state };
    // Told before it is there: a copy of this folder that was taken before is older than the table from then on.
    const done = await publish(connection, wanted, async (table) => {
      await remember('begun', table);
      return known();
    });
    const isNews =
      done.changed || publicationIsDue(inventory, state.state) || state.state.published?.table !== done.table;
    if (isNews) await remember('done', done.table);
    return { ...done, state };
  } finally {
    await connection.close();
  }
}

/** As the history names who published. */
function publisher(): string {
  const name = (() => {
    try {
      return userInfo().username;
    } catch {
      return String(process.getuid?.() ?? 'somebody');
    }
  })();
  return `${name}@${hostname()}`;
}
