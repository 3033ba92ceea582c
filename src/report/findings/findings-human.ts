import type { Finding } from '../../diagnose/findings/finding.ts';

/** Findings for people: what and where, why, what to do; one after the other, the first first. */
export function findingsText(findings: readonly Finding[]): string {
  return findings.map(findingText).join('\n');
}

/** One finding: its first line says it all, for a reader who reads no further. */
function findingText({ id, severity, message, why, repair, where, service }: Finding): string {
  const place = where === undefined ? '' : `${where.file}:${where.line}:${where.column}: `;
  const about = service === undefined ? '' : ` (service ${service})`;
  return [`${severity}: ${place}${message}${about} [${id}]`, `  because ${why}`, `  to do: ${repair}`, ''].join('\n');
}

/** `2 errors, 1 note`; empty when there is nothing. */
export function countsText(findings: readonly Finding[]): string {
  return (['error', 'warning', 'note'] as const)
    .map((severity) => ({ severity, count: findings.filter((finding) => finding.severity === severity).length }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => `${count} ${severity}${count === 1 ? '' : 's'}`)
    .join(', ');
}
