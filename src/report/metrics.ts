import type { Standing } from '../provision/rotation/standing.ts';
import { isWell, type StatusReport } from './status.ts';

/** What a verification that was run for the metrics found. */
export interface Proved {
  readonly met: boolean;
  /** Seconds since 1970 of the last verification that was met; undefined when there never was one. */
  readonly lastSuccess: number | undefined;
  /** Who may relay and who may not, as far as the verification tells. */
  readonly permits: readonly { readonly client: string; readonly service: string; readonly permitted: boolean }[];
}

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * Metrics in Prometheus' text format, for the textfile collector of its node exporter. Only certificates in force are
 * among them, so that one that was retired does not raise an alarm for ever.
 */
export function metricsText(report: StatusReport, proved: Proved): string {
  const rows = report.standings.filter(({ wanted, serial }) => wanted && serial !== '');
  const time = (text: string) => Math.floor(Date.parse(text) / 1000);
  const each = (value: (row: Standing) => number): readonly Sample[] =>
    rows.map((row) => ({ labels: labelsOf(row), value: value(row) }));
  const one = (value: number): readonly Sample[] => [{ labels: {}, value }];
  const inSync = report.drift.every(({ path }) => !path.endsWith('/relay_clientcerts'));
  return [
    family(
      'certificate_not_after_timestamp_seconds',
      'When a certificate in force ends.',
      each((row) => time(row.notAfter)),
    ),
    family(
      'certificate_not_before_timestamp_seconds',
      'When it began to be valid.',
      each((row) => time(row.notBefore)),
    ),
    family(
      'certificate_expired',
      'Whether it has ended.',
      each((row) => ((row.expiresIn ?? 0) <= 0 ? 1 : 0)),
    ),
    family(
      'certificate_due',
      'Whether it needs attention: expired, or a step of its rotation is due.',
      each((row) => (row.attention.length > 0 ? 1 : 0)),
    ),
    family(
      'certificates_missing',
      'Certificates that are wanted and do not exist.',
      one(report.standings.filter(({ state }) => state === 'missing').length),
    ),
    family('hosts_behind', 'Hosts that are not known to have their files.', one(report.behind.length)),
    family(
      'hosts_awaited',
      'Hosts that a rotation waits for: to have their files, or to show their new certificate.',
      one(awaitedHosts([...report.standings, ...report.steps]).size),
    ),
    family('drifted_files', 'Files that are not as inventory and ledger say.', one(report.drift.length)),
    family('map_in_sync', 'Whether every relay_clientcerts lists exactly who is admitted.', one(inSync ? 1 : 0)),
    family('well', 'Whether nothing is due, expired, missing or drifted.', one(isWell(report) ? 1 : 0)),
    family('verify_met', 'Whether the rendered configuration was proved right in this run.', one(proved.met ? 1 : 0)),
    family(
      'last_verify_success_timestamp_seconds',
      'When it was last proved right.',
      proved.lastSuccess === undefined ? [] : one(proved.lastSuccess),
    ),
    family(
      'policy_permits',
      'Whether a client that is admitted may relay on a service of the servers.',
      proved.permits.map(({ client, service, permitted }) => ({
        labels: { client, service },
        value: permitted ? 1 : 0,
      })),
    ),
    family('status_timestamp_seconds', 'When these metrics were made.', one(time(report.at))),
  ].join('');
}

function awaitedHosts(rows: readonly Pick<Standing, 'waitingFor'>[]): ReadonlySet<string> {
  const hosts = new Set<string>();
  for (const waiting of rows.flatMap(({ waitingFor }) => waitingFor)) {
    if (waiting.kind === 'hosts') for (const host of waiting.hosts) hosts.add(host);
    if (waiting.kind === 'use' || waiting.kind === 'seen') hosts.add(waiting.host);
  }
  return hosts;
}

function labelsOf({ holder, role, serial }: Standing): Readonly<Record<string, string>> {
  return { client: holder, role, serial };
}

function family(name: string, help: string, samples: readonly Sample[]): string {
  if (samples.length === 0) return '';
  const lines = samples.map(({ labels, value }) => `certrelay_${name}${labelText(labels)} ${value}\n`);
  return `# HELP certrelay_${name} ${help}\n# TYPE certrelay_${name} gauge\n${lines.join('')}`;
}

/** Label values have backslash, quote and line feed escaped; nothing else needs to be. */
function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => {
    const escaped = value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
    return `${name}="${escaped}"`;
  });
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** Whether a text is an earlier file of these metrics: nothing else is in it. */
export function isMetricsText(text: string): boolean {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.length > 0 && lines.every((line) => /^(?:# (?:HELP|TYPE) )?certrelay_[a-z_]+[ {]/.test(line));
}

/** When the last verification succeeded, as an earlier file of metrics tells. */
export function lastVerifySuccess(metrics: string): number | undefined {
  const found = /^certrelay_last_verify_success_timestamp_seconds (\d+)$/m.exec(metrics);
  return found === null ? undefined : Number(found[1]);
}
