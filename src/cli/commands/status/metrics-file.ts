import { resolve } from 'node:path';
import { readTextIfAny } from '../../../lib/files/read.ts';
import type { LedgerState } from '../../../provision/ledger/ledger-state.ts';
import type { RenderPlan } from '../../../provision/render/plan.ts';
import { clientPort } from '../../../provision/settings/service-port.ts';
import type { Inventory } from '../../../provision/settings/types.ts';
import type { Folder } from '../../../provision/state/folder.ts';
import type { ServerVerification } from '../../../provision/verify/verify.ts';
import { overall } from '../../../provision/verify/verify.ts';
import { asPlanned, baseOf, verifyPlan } from '../../../provision/verify/verify-plan.ts';
import { lastVerifySuccess, metricsText, type Proved } from '../../../report/metrics.ts';
import type { StatusReport } from '../../../report/status.ts';
import type { Io, Options } from '../../command.ts';
import { writeOutput } from '../../output-files.ts';

export interface Evidence {
  readonly inventory: Inventory;
  readonly ledger: LedgerState;
  readonly rendered: RenderPlan;
  readonly folder: Folder;
}

/** Proves the rendered configuration once more and writes the metrics for Prometheus; throws a CertrelayError. */
export async function writeMetrics(
  file: string,
  report: StatusReport,
  evidence: Evidence,
  options: Options,
  io: Io,
): Promise<void> {
  const before = readTextIfAny(resolve(io.cwd, file)) ?? '';
  const text = metricsText(report, prove(report, evidence, before));
  await writeOutput(file, 'metrics', text, options, io);
}

function prove(report: StatusReport, { inventory, ledger, rendered, folder }: Evidence, before: string): Proved {
  const planned = asPlanned(rendered);
  const verifications = verifyPlan({
    ...{ inventory, ledger, plan: rendered, base: baseOf(inventory) },
    rendered: (to) => folder.read(to) ?? planned(to),
  });
  const met = overall(verifications.flatMap(({ rows }) => rows)) === 'met';
  return {
    met,
    lastSuccess: met ? Math.floor(Date.parse(report.at) / 1000) : lastVerifySuccess(before),
    permits: verifications.flatMap((one) => permitsOf(one, report, inventory)),
  };
}

/** A verification that is met speaks for every client; one that is not names the first that cannot relay, and only that. */
function permitsOf(
  { server, rows }: ServerVerification,
  { standings }: StatusReport,
  { settings }: Inventory,
): Proved['permits'] {
  const listed = rows.find(({ id }) => id === 'listed');
  if (listed === undefined) return [];
  const service = `${server}:${clientPort(settings)}`;
  if (listed.outcome !== 'met') {
    const client = listed.witness.session.client.name;
    return listed.outcome === 'broken' ? [{ client, service, permitted: false }] : [];
  }
  const admitted = standings.filter(
    ({ role, wanted, state }) => role === 'client' && wanted && state !== 'missing' && state !== 'issued',
  );
  return [...new Set(admitted.map(({ holder }) => holder))].map((client) => ({ client, service, permitted: true }));
}
