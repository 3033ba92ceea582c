import { Batch } from '../../../src/policy/policy.ts';
import { equivalents } from './equivalents.ts';
import { mutants } from './mutants.ts';
import { reached } from './reached.ts';
import { rows } from './rows.ts';
import { knownSessions } from './suite.ts';

const all = knownSessions(process.argv[2] ?? 'test');
const { sessions: concerned, failing } = reached(rows, all);
// One that fails in any case tells nothing apart.
const sessions = all.filter((session) => !failing.includes(session));
for (const { name } of failing) console.log(`fails unchanged: ${name}`);

const lines: string[] = failing.map(({ name }) => name);
const tally = { killed: 0, equivalent: 0, survive: 0 };
for (const { name, row, apply } of mutants) {
  const declared = equivalents.get(name);
  const restore = apply();
  // What a simulator has compiled it keeps: each mutant needs one of its own.
  const simulator = new Batch();
  const near = (concerned.get(row) ?? []).filter((session) => !failing.includes(session));
  // What no session compiles may still be told by its name.
  const killer = (near.length > 0 ? near : sessions).find((session) => !session.passes(simulator));
  restore();
  if (killer === undefined && declared !== undefined) tally.equivalent += 1;
  else if (killer === undefined) {
    tally.survive += 1;
    lines.push(name);
    console.log(`survives: ${name} (${near.length} sessions come by)`);
  } else {
    tally.killed += 1;
    if (declared === undefined) continue;
    lines.push(name);
    console.log(`declared to be the same (${declared}), and told apart: ${name}\n  by ${killer.name}`);
  }
}
const known = new Set(mutants.map(({ name }) => name));
for (const name of equivalents.keys()) {
  if (known.has(name)) continue;
  lines.push(name);
  console.log(`declared to be the same, and no mutant: ${name}`);
}
console.log(
  `${mutants.length} mutants, ${sessions.length} sessions: ${tally.killed} killed, ` +
    `${tally.equivalent} declared to be the same, ${tally.survive} survive`,
);
process.exitCode = lines.length > 0 ? 1 : 0;
