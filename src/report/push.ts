/** How it went with one host. */
export interface PushedHost {
  readonly host: string;
  readonly ok: boolean;
  readonly attempts: number;
  /** Why the last attempt failed. */
  readonly reason?: string;
}

/** What a run of the deploy hook did, or would do. */
export interface PushReport {
  readonly out: string;
  readonly dryRun: boolean;
  /** Hosts that would be tried. */
  readonly pending: readonly string[];
  readonly hosts: readonly PushedHost[];
  /** A rotation waited for this. */
  readonly mayGoOn: boolean;
}

/** The report for people: how many, each host, what is next. */
export function pushText({ dryRun, pending, hosts, mayGoOn, out }: PushReport): string {
  const suffix = out === 'out' ? '' : ` --out ${out}`;
  if (dryRun) {
    if (pending.length === 0) return 'nothing to bring: every host is known to have its files\n';
    return `would bring files to ${pending.length} ${pending.length === 1 ? 'host' : 'hosts'} (nothing was done)\n${pending.map((host) => `  ${host}\n`).join('')}`;
  }
  if (hosts.length === 0) return 'nothing to bring: every host is known to have its files\n';
  const failed = hosts.filter(({ ok }) => !ok);
  const width = Math.max(...hosts.map(({ host }) => host.length));
  const lines = hosts.map(({ host, ok, attempts, reason }) => {
    const tries = attempts === 1 ? '' : ` after ${attempts} attempts`;
    return `  ${host.padEnd(width)}  ${ok ? `has its files${tries}` : `failed${tries}: ${reason}`}\n`;
  });
  const head =
    failed.length === 0
      ? `done: ${hosts.length} ${hosts.length === 1 ? 'host has its' : 'hosts have their'} files\n`
      : `failed for ${failed.length} of ${hosts.length} hosts\n`;
  const again = failed.length === 0 ? '' : `hint: run this again; it goes on with the hosts that failed\n`;
  const next = mayGoOn ? `\nnext\n  1. what waited for it can go on: certrelay rotate --due${suffix}\n` : '';
  return `${head}${lines.join('')}${again}${next}`;
}

/** The report for programs. */
export function pushDocument({ hosts, ...rest }: PushReport) {
  return { schema: 'certrelay/publish@1', changed: hosts.some(({ ok }) => ok), ...rest, hosts };
}
