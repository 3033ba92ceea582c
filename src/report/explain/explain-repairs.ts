import type { Repair } from '../../diagnose/repair/repair.ts';
import type { Unproved } from '../../diagnose/repair/unproved.ts';

/** The repairs, smallest first: the commands, what was shown of each, and what speaks for it; or why there are none. */
export function repairSummary(repairs: readonly Repair[], unproved: Unproved | undefined): string {
  if (repairs.length === 0)
    return unproved === undefined ? '' : `no repair is proved: ${unproved.why}\n  to do: ${unproved.hint}\n`;
  const offered = repairs.filter(({ letsIn }) => letsIn.length === 0);
  const head = offered.length === 1 ? 'what to change:' : `what to change, one of ${offered.length}:`;
  const lines = offered.flatMap((repair, index) => [
    `  ${offered.length > 1 ? `${index + 1}. ` : ''}${repair.title}${repair.preferred && offered.length > 1 ? ' (recommended)' : ''}`,
    ...repair.commands.map((command) => `       ${command}`),
    `     ${proofWords(repair)}`,
    `     ${repair.why}`,
    ...repair.shutsOut.slice(0, 3).map(({ who }) => `     shuts out ${who}`),
  ]);
  const refused = repairs
    .filter(({ letsIn }) => letsIn.length > 0)
    .slice(0, 2)
    .map(({ title, letsIn }) => `  not offered: ${title}, for it also lets in ${letsIn[0]?.who ?? 'others'}`);
  return `${[...(offered.length === 0 ? ['no repair is offered:'] : [head]), ...lines, ...refused].join('\n')}\n`;
}

/** "proved" is said only where everybody was looked at. */
function proofWords(repair: Repair): string {
  const what = `${conditionWords(repair)}${outcome(repair)}`;
  return repair.complete
    ? `proved: ${what}; lets in nobody else (${repair.how})`
    : `shown, not proved: ${what}; nobody else was found whom it lets in (${repair.how})`;
}

function conditionWords({ conditions }: Repair): string {
  return conditions.length === 0 ? '' : `if ${conditions.join(' and ')}, `;
}

function outcome({ sessions }: Repair): string {
  const after = [...new Set(sessions.map((session) => session.after))];
  const what = after.length === 1 ? (after[0] ?? '') : `${after.length} different replies`;
  return sessions.length === 1 ? `the session then gets ${what}` : `the ${sessions.length} sessions then get ${what}`;
}

/** What each repair changes in the files, in full. */
export function repairDiffs(repairs: readonly Repair[]): string {
  return repairs
    .filter(({ letsIn }) => letsIn.length === 0)
    .map(({ title, diff }) => `${title}:\n${diff}`)
    .join('\n');
}
