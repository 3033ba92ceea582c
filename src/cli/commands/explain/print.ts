import { findings as rows } from '../../../diagnose/findings/index.ts';
import { certrelayVersion } from '../../../lib/version.ts';
import { type Explanation, explainText } from '../../../report/explain/explain.ts';
import { explainDocument } from '../../../report/explain/explain-document.ts';
import { repairDiffs } from '../../../report/explain/explain-repairs.ts';
import { githubAnnotations } from '../../../report/findings/github.ts';
import { sarifLog } from '../../../report/findings/sarif.ts';
import type { Depth } from '../../../report/verdict.ts';
import type { Io, Options } from '../../command.ts';

/** Writes an explanation in the format that was asked for. */
export function print(explanation: Explanation, options: Options, io: Io): void {
  const format = options.json === true ? 'json' : options.format;
  const { findings, problems, evidence } = explanation;
  const tool = { name: 'certrelay', version: certrelayVersion };
  const file = (evidence.server ?? evidence.client)?.file;
  switch (format) {
    case 'json':
      io.stdout.write(`${JSON.stringify(explainDocument(explanation), undefined, 2)}\n`);
      return;
    case 'sarif':
      io.stdout.write(`${JSON.stringify(sarifLog(findings, rows, tool, file), undefined, 2)}\n`);
      break;
    case 'github':
      io.stdout.write(githubAnnotations(findings));
      break;
    default: {
      const depth = depthOf(options);
      io.stdout.write(explainText(explanation, depth));
      if (depth === 'full') io.stdout.write(`\n${repairDiffs(explanation.repairs)}`);
      return;
    }
  }
  // The formats of findings have no place for what is wrong with the input.
  if (options.quiet !== true) for (const { message } of problems) io.stderr.write(`certrelay: ${message}\n`);
}

function depthOf({ explain }: Options): Depth {
  if (explain === 'full') return 'full';
  return explain === true ? 'mattered' : 'none';
}
