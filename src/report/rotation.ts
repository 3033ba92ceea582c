import type { RotationReport } from '../provision/rotation/rotation-report.ts';
import type { DoneStep, Waiting } from '../provision/rotation/step.ts';
import { refusalText, verificationDocument } from './verification.ts';

const shown = 12;

/** The report for people: what was done, what waits for what, and what to do next. */
export function rotationText(report: RotationReport): string {
  if (report.proof !== 'met') return refusalText(report.proof, report.verifications);
  const parts = [headline(report), listed(report.performed.map(stepText)), waits(report), next(report)];
  return parts.filter((part) => part !== '').join('\n');
}

function headline({ dryRun, performed, installed, inUse, pending, behind, out }: RotationReport): string {
  if (performed.length + installed.length + inUse.length === 0) {
    return pending.length + behind.length === 0
      ? `nothing to do: no rotation is under way in ${out}\n`
      : `nothing to do now in ${out}; what is under way waits\n`;
  }
  const taken =
    installed.length === 0
      ? ''
      : `${dryRun ? 'would note' : 'noted'}: ${names([...new Set(installed)])} ${new Set(installed).size === 1 ? 'has its' : 'have their'} files\n`;
  const shownBy = new Set(inUse.map(({ holder }) => holder));
  const seen =
    shownBy.size === 0
      ? ''
      : `${dryRun ? 'would note' : 'noted'}: ${names([...shownBy])} ${shownBy.size === 1 ? 'uses its certificate' : 'use their certificates'}\n`;
  const count = `${performed.length} ${performed.length === 1 ? 'step' : 'steps'}`;
  const steps =
    performed.length === 0 ? '' : `${dryRun ? `nothing written (--dry-run): would do ${count}` : `done: ${count}`}\n`;
  return `${taken}${seen}${steps}`;
}

function stepText({ kind, role, holder, serial }: DoneStep): string {
  const of = serial === undefined ? '' : `  serial ${serial}`;
  return `${kind.padEnd(6)}  ${role.padEnd(9)}  ${holder}${of}`;
}

function listed(lines: readonly string[]): string {
  const more = lines.length > shown ? [`… and ${lines.length - shown} more`] : [];
  return [...lines.slice(0, shown), ...more].map((line) => `  ${line}\n`).join('');
}

function waits({ pending, behind }: RotationReport): string {
  const waiting = pending.filter(({ waitingFor }) => waitingFor.some(({ kind }) => kind !== 'step'));
  const lines = waiting.map(
    (step) =>
      `${step.kind.padEnd(6)}  ${step.role.padEnd(9)}  ${step.holder}: ${step.waitingFor.map(waitingText).join('; ')}`,
  );
  if (behind.length > 0) lines.push(`the latest files to be on ${names(behind)}: what they replace is in force there`);
  if (lines.length === 0) return '';
  return `waiting\n${listed(lines)}`;
}

/** What one step waits for, as a clause. */
function waitingText(waiting: Waiting): string {
  switch (waiting.kind) {
    case 'time':
      return `${waiting.why === 'overlap' ? 'the overlap ends' : 'due'} ${waiting.until}`;
    case 'hosts':
      return `the ${waiting.files} to be on ${names(waiting.hosts)}`;
    case 'publication':
      return 'its line to be in the database';
    case 'use':
      return `the new certificate to be in use on ${waiting.host}`;
    case 'seen':
      return `the new certificate to be seen in use on ${waiting.host}`;
    case 'leaves':
      return `certificates of the old authority on ${names(waiting.hosts)}`;
    case 'authority':
      return 'the next authority, for from this one it would not last longer';
    case 'step':
      return `the step "${waiting.step}"`;
  }
}

function names(hosts: readonly string[]): string {
  return hosts.length > 4 ? `${hosts.slice(0, 3).join(', ')} and ${hosts.length - 3} more` : hosts.join(', ');
}

/** The commands that bring it further. */
function next({ pending, behind, out, dryRun, failed, publicationIsDue }: RotationReport): string {
  if (dryRun) return '';
  const hosts = new Set<string>(behind);
  let until: string | undefined;
  const waitsForTable = pending.some(({ waitingFor }) => waitingFor.some(({ kind }) => kind === 'publication'));
  for (const { waitingFor } of pending) {
    for (const one of waitingFor) {
      if (one.kind === 'hosts') for (const host of one.hosts) hosts.add(host);
      if (one.kind === 'use') hosts.add(one.host);
      if (one.kind === 'time' && one.why === 'overlap' && (until === undefined || one.until > until)) until = one.until;
    }
  }
  const lines = failed.map(({ host, reason }) => `  the hook failed for ${host}: ${reason}`);
  const list = [...hosts];
  const suffix = out === 'out' ? '' : ` --out ${out}`;
  if (waitsForTable || publicationIsDue) {
    const then = waitsForTable ? `, then: certrelay rotate --due${suffix}` : '';
    lines.push(
      `  ${lines.length + 1}. bring the lines into the database: certrelay publish --database URL${suffix}${then}`,
    );
  }
  if (list.length > 0) {
    const some = list.slice(0, 4).join(' ');
    const rest = list.length > 4 ? ` … (${list.length} hosts)` : '';
    lines.push(
      `  ${lines.length + 1}. copy ${out}/hosts/${list.length === 1 ? list[0] : 'NAME'}/ to ${names(list)} and run there, as root: sh install.sh`,
      `  ${lines.length + 2}. then say so: certrelay rotate --deployed ${some}${rest}${suffix}`,
    );
  }
  const unseen = new Set(
    pending.flatMap(({ waitingFor }) => waitingFor.flatMap((one) => (one.kind === 'seen' ? [one.host] : []))),
  );
  if (unseen.size > 0) {
    lines.push(
      `  ${lines.length + 1}. when the new certificate is in use on ${names([...unseen])}, say so: certrelay rotate --deployed ${[...unseen].slice(0, 4).join(' ')}${suffix} (or --in-use-log FILE)`,
    );
  }
  if (until !== undefined) {
    lines.push(
      `  ${list.length + unseen.size > 0 ? `${lines.length + 1}. ` : ''}from ${until} on: certrelay rotate --due${suffix}`,
    );
  }
  return lines.length === 0 ? '' : `next\n${lines.join('\n')}\n`;
}

/** The report for programs. */
export function rotationDocument(report: RotationReport) {
  const { verifications, performed, installed, ...rest } = report;
  const changed =
    !report.dryRun && report.proof === 'met' && performed.length + installed.length + report.inUse.length > 0;
  return {
    schema: 'certrelay/rotate@1',
    changed,
    ...{ performed, installed, ...rest },
    verification: verifications.map(verificationDocument),
  };
}
