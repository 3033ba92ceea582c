import type { Assignment, ServiceView } from './view.ts';

/** What an entry of master.cf is beside its settings. */
interface EntryHead {
  readonly name: string;
  readonly type: 'inet' | 'unix';
  readonly program: 'smtp' | 'smtpd';
  readonly reason: readonly string[];
}

/**
 * An entry of master.cf with its settings as `-o` (master(5)). No value has a blank: a list does with commas, so that the
 * entry is the same for versions that know no `{ }` around a value (before 3.0). Without a chroot, for that takes files
 * which only some systems have there.
 */
export function masterEntry({ name, type, program, reason }: EntryHead, settings: readonly Assignment[]): ServiceView {
  const options = settings.map(({ name: parameter, value }) => `-o ${parameter}=${value.replaceAll(', ', ',')}`);
  const head = type === 'unix' ? `${name} unix - - n - - ${program}` : `${name} inet n - n - - ${program}`;
  const line = [head, ...options].join(' ');
  const spaced = options.find((option) => option.slice('-o '.length).includes(' '));
  if (spaced !== undefined) throw new Error(`an option of master.cf has a blank: ${spaced}`);
  return { name, type, reason, head, options, line };
}
