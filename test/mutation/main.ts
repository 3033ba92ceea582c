import { type Mutant, mutants } from './mutants.ts';
import { answerTo, type KnownSession, knownSessions } from './suite.ts';

/** True when some session of the suites has another answer while the mutant lives. */
function killed(mutant: Mutant, sessions: readonly KnownSession[]): boolean {
  const words = mutant.words.map((word) => word.toLowerCase());
  const concerned = sessions.filter(({ text }) => words.some((word) => text.includes(word)));
  const restore = mutant.apply();
  try {
    // A row that no scenario spells out may still be named by a default.
    const asked = concerned.length > 0 ? concerned : sessions;
    return asked.some(({ scenario, answer }) => answerTo(scenario) !== answer);
  } finally {
    restore();
  }
}

const sessions = knownSessions(process.argv[2] ?? 'test');
const all = mutants();
let survivors = 0;
for (const mutant of all) {
  if (killed(mutant, sessions)) continue;
  survivors += 1;
  console.log(`survives: ${mutant.row}, ${mutant.change}`);
}
console.log(
  `${all.length} mutants, ${sessions.length} sessions: ${all.length - survivors} killed, ${survivors} survive`,
);
process.exitCode = survivors > 0 ? 1 : 0;
