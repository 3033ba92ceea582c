import type { Finding } from '../../diagnose/findings/finding.ts';

const commands = { error: 'error', warning: 'warning', note: 'notice' } as const;

/** Findings as workflow commands of GitHub Actions, which shows them at the lines they are about; a line each. */
export function githubAnnotations(findings: readonly Finding[]): string {
  return findings.map((finding) => `${annotation(finding)}\n`).join('');
}

function annotation({ id, severity, message, why, repair, where }: Finding): string {
  const place =
    where === undefined ? [] : [`file=${property(where.file)}`, `line=${where.line}`, `col=${where.column}`];
  const properties = [...place, `title=${property(id)}`].join(',');
  return `::${commands[severity]} ${properties}::${data(`${message}\nbecause ${why}\nto do: ${repair}`)}`;
}

/** The text after the second `::`, in which a line break would end the command. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
