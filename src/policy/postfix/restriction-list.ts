/** What refuses a remote destination, or everything. Tables and policy services may too, but that is their business. */
const refusers = new Set([
  'reject_unauth_destination',
  'defer_unauth_destination',
  'check_relay_domains',
  'reject',
  'defer',
  'defer_if_permit',
]);

/** Permits for hosts and users that the administrator trusts; a listed certificate has the same standing. */
const trusting = new Set(['permit_mynetworks', 'permit_sasl_authenticated']);

/** The words of a restriction class, or nothing when the name is no class. */
export type Classes = (name: string) => readonly string[] | undefined;

/** Index of the first word that refuses a remote destination; -1 when none does before a plain `permit`. */
function firstRefusal(list: readonly string[], classes: Classes, depth = 0): number {
  for (const [index, word] of list.entries()) {
    if (list[index - 1]?.toLowerCase() === 'warn_if_reject') continue;
    if (word.toLowerCase() === 'permit') return -1;
    if (refusers.has(word.toLowerCase())) return index;
    const nested = classes(word);
    // Classes may name each other; Postfix gives up at a hundred levels, and nobody has ten.
    if (nested !== undefined && depth < 10 && firstRefusal(nested, classes, depth + 1) >= 0) return index;
  }
  return -1;
}

/** True when the list, as it runs, refuses mail for a remote destination that nothing before has permitted. */
export function canRefuse(list: readonly string[], classes: Classes): boolean {
  return firstRefusal(list, classes) >= 0;
}

/**
 * The list with an element put where it takes effect before the list can refuse a remote destination: after the
 * last permit for trusted networks and users that stands before the refusal, else at the head. Unchanged when the
 * list cannot refuse, or has the element in time.
 */
export function insertPermit(list: readonly string[], element: string, classes: Classes): readonly string[] {
  const refusal = firstRefusal(list, classes);
  if (refusal < 0) return list;
  const before = list.slice(0, refusal).map((word) => word.toLowerCase());
  if (before.some((word, index) => word === element && before[index - 1] !== 'warn_if_reject')) return list;
  const place = before.findLastIndex((word) => trusting.has(word)) + 1;
  return [...list.slice(0, place), element, ...list.slice(place)];
}

/** Restrictions that take the next word as their argument, and the word that changes the next restriction. */
const leading =
  /^(?:check_\w+_access|check_policy_service|(?:reject|permit)_\w*(?:rbl|dnswl|rhswl|rhsbl)\w*|sleep|warn_if_reject)$/i;

/** The list as a person would write it: a comma between restrictions, a blank before an argument. */
export function written(list: readonly string[]): string {
  return list
    .map((word, index) => (index === 0 ? '' : leading.test(list[index - 1] ?? '') ? ' ' : ', ') + word)
    .join('');
}
