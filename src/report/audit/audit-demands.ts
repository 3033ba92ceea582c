import type { Demanded } from '../../policy/identities/demand.ts';
import {
  assumptionText,
  conditionsDocument,
  conditionText,
  confirmationText,
  outcomeText,
  sessionText,
  shownDocument,
} from './path-words.ts';

/** What was demanded and what is so: those first that are not met, each with its counterexample. */
export function demandsText(demanded: readonly Demanded[]): string {
  const bad = demanded.filter(({ outcome }) => outcome !== 'met');
  const head =
    bad.length === 0
      ? `all ${demanded.length} expectations are met`
      : `${bad.length} of ${demanded.length} expectations are not met`;
  const lines = [...bad, ...demanded.filter(({ outcome }) => outcome === 'met')].flatMap(demandedLines);
  return `${head}\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

const words = { met: 'met', broken: 'not met', unknown: 'not known' } as const;

function demandedLines({ demand, outcome, reason, counterexample, unless }: Demanded): readonly string[] {
  const head = `${words[outcome]}: ${demand.kind === 'can' ? 'can' : 'cannot'}: ${demand.name}${reason === undefined ? '' : `: ${reason}`}`;
  const but = unless.slice(0, 3).map((assumption) => `     unless ${assumptionText(assumption)}`);
  if (counterexample === undefined) return [head, ...but];
  const { path, witness } = counterexample;
  return [
    head,
    ...path.conditions.map((condition) => `     ${conditionText(condition)}`),
    ...path.assumptions.map((assumption) => `     if ${assumptionText(assumption)}`),
    `     e.g. ${sessionText(witness)}`,
    `     ${outcomeText(counterexample.outcome)}; ${confirmationText(witness)}`,
    ...(counterexample.command === undefined ? [] : [`       ${counterexample.command}`]),
    ...but,
  ];
}

/** The same for programs. */
export function demandsDocument(demanded: readonly Demanded[]) {
  return demanded.map(({ demand, outcome, reason, counterexample, unless }) => ({
    ...{ name: demand.name, kind: demand.kind, outcome },
    ...(reason === undefined ? {} : { reason }),
    unless: unless.map(({ fact, answer }) => ({ fact, answer })),
    ...(counterexample === undefined
      ? {}
      : {
          conditions: conditionsDocument(counterexample.path.conditions),
          counterexample: shownDocument(counterexample),
        }),
  }));
}
