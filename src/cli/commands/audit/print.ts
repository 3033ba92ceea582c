import type { Finding, FindingRow } from '../../../diagnose/findings/finding.ts';
import { findings as rows } from '../../../diagnose/findings/index.ts';
import { certrelayVersion } from '../../../lib/version.ts';
import { type AuditReport, auditDocument, auditText } from '../../../report/audit/audit.ts';
import { outcomeText, sessionText } from '../../../report/audit/path-words.ts';
import { githubAnnotations } from '../../../report/findings/github.ts';
import { sarifLog } from '../../../report/findings/sarif.ts';
import type { Io, Options } from '../../command.ts';

/** Writes an audit in the format that was asked for. */
export function print(report: AuditReport, options: Options, io: Io): void {
  const format = options.json === true ? 'json' : options.format;
  switch (format) {
    case 'json':
      io.stdout.write(`${JSON.stringify(auditDocument(report), undefined, 2)}\n`);
      return;
    case 'sarif': {
      const tool = { name: 'certrelay', version: certrelayVersion };
      io.stdout.write(`${JSON.stringify(sarifLog(shown(report, options), [...rows, unmet], tool), undefined, 2)}\n`);
      break;
    }
    case 'github':
      io.stdout.write(githubAnnotations(shown(report, options)));
      break;
    default:
      io.stdout.write(auditText(report));
      return;
  }
  // The formats of findings have no place for what is wrong with the input, nor for a list of ways.
  if (options.quiet === true) return;
  for (const { message } of report.problems) io.stderr.write(`certrelay: ${message}\n`);
  if (report.audit.limited)
    io.stderr.write(
      `certrelay: limited to ${report.audit.paths} paths, and there are more: the findings are incomplete\n`,
    );
}

const unmet: FindingRow = {
  id: 'expectation-not-met',
  severity: 'error',
  title: 'somebody can who must not, or cannot who must',
  doc: 'The file of --expect says who must be able to send and who must not; a session shows that it is not so.',
  test: () => [],
};

/** Findings, and before them the expectations that are not met. */
function shown({ demands = [], findings }: AuditReport, { expect }: Options): readonly Finding[] {
  const { id, severity, title, doc } = unmet;
  const broken = demands
    .filter(({ outcome }) => outcome !== 'met')
    .map(({ demand, outcome, reason, counterexample }): Finding => {
      const so = outcome === 'broken' ? 'not met' : 'not known to be met';
      const session =
        counterexample === undefined
          ? ''
          : `${sessionText(counterexample.witness)}: ${outcomeText(counterexample.outcome)}`;
      return {
        ...{ id, title, doc, severity: outcome === 'broken' ? severity : 'warning' },
        message: `expectation ${so}: ${demand.kind === 'can' ? 'can' : 'cannot'}: ${demand.name}`,
        why: [reason ?? '', session].filter((part) => part !== '').join('; '),
        repair: 'change the lists, or the expectation',
        where: { file: String(expect), line: 1, column: 1 },
      };
    });
  return [...broken, ...findings];
}
