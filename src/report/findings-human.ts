import type { Finding } from '../diagnose/finding.ts';
import type { Repair } from '../diagnose/repair/repair.ts';

/** Findings for people: what and where, why, what to do; one after the other, the first first. */
export function findingsText(findings: readonly Finding[]): string {
  return findings.map(findingText).join('\n');
}

/** One finding: its first line says it all, for a reader who reads no further. */
export function findingText({ id, severity, message, why, repair, where, service }: Finding): string {
  const place = where === undefined ? '' : `${where.file}:${where.line}:${where.column}: `;
  const about = service === undefined ? '' : ` (service ${service})`;
  return [`${severity}: ${place}${message}${about} [${id}]`, `  because ${why}`, `  to do: ${repair}`, ''].join('\n');
}

/** Repairs for people, smallest first, each with what was shown of it. */
export function repairsText(repairs: readonly Repair[]): string {
  return repairs.map((repair, index) => repairText(repair, index + 1)).join('\n');
}

function repairText(repair: Repair, number: number): string {
  const { title, commands, diff, sessions, letsIn, shutsOut, how, preferred, why } = repair;
  const [first] = letsIn;
  const head =
    first === undefined
      ? `repair ${number}${preferred ? ', the better one' : ''}: ${title}`
      : `not a repair, for it lets in others: ${title}`;
  return [
    head,
    ...commands.map((command) => `  ${command}`),
    ...sessions.slice(0, 3).map(({ name, before, after }) => `  ${name}: ${before} -> ${after}`),
    ...(sessions.length > 3 ? [`  and ${sessions.length - 3} more sessions`] : []),
    first === undefined
      ? `  lets in nobody else: ${how}`
      : `  also lets in ${first.who}${letsIn.length > 1 ? `, and ${letsIn.length - 1} others` : ''}`,
    ...shutsOut.slice(0, 3).map(({ who }) => `  shuts out ${who}`),
    `  ${why}`,
    ...diff
      .trimEnd()
      .split('\n')
      .map((line) => `  ${line}`),
    '',
  ].join('\n');
}

/** `2 errors, 1 note`; empty when there is nothing. */
export function countsText(findings: readonly Finding[]): string {
  return (['error', 'warning', 'note'] as const)
    .map((severity) => ({ severity, count: findings.filter((finding) => finding.severity === severity).length }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => `${count} ${severity}${count === 1 ? '' : 's'}`)
    .join(', ');
}
