import { withoutPlaceholders } from '../../lib/placeholder-fingerprint.ts';
import type { Outcome } from '../../policy/explore/result.ts';
import type { ComparisonReport, ReportedSide } from './compare.ts';
import { conditionsDocument, elementDocument } from './path-words.ts';

/** A comparison for programs: `certrelay/compare@1`. */
export function comparisonDocument({ question, comparison, sides, changes, problems }: ComparisonReport) {
  const { limited, paths, untold } = comparison;
  return {
    schema: 'certrelay/compare@1',
    same: changes.length === 0 && !limited,
    ...{ for: question, limited, paths },
    sides: sides.map(({ name, postfix }) => ({ name, postfix })),
    changes: changes.map(({ change, before, after }) => ({
      kind: change.kind,
      before: sideDocument(change.before, before),
      after: sideDocument(change.after, after),
      conditions: conditionsDocument(change.conditions),
      assumptions: change.assumptions.map(({ fact, supply, answer, chosenBy }) => ({ fact, supply, answer, chosenBy })),
      paths: change.paths.length,
      witness: {
        session: withoutPlaceholders(change.example.witness.session),
        world: change.example.witness.world,
        confirmed: change.example.witness.confirmed,
      },
    })),
    untold,
    problems,
  };
}

function sideDocument({ verdict, stage, code, enhanced }: Outcome, { by, command }: ReportedSide) {
  return {
    ...{ verdict, stage, code, enhanced },
    by: by === undefined ? null : elementDocument(by),
    ...(command === undefined ? {} : { simulate: command }),
  };
}
