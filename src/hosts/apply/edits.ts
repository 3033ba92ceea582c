import { lineOf } from '../programs/manifest.ts';
import type { PostfixPrograms } from '../programs/postfix-programs.ts';
import type { Ended } from '../programs/programs.ts';
import type { Pending } from './pending.ts';

/** What is done to main.cf and master.cf. */
export type Edits = Pick<Pending, 'settings' | 'removals' | 'services' | 'drops'>;

/** Has postconf(1) make the edits of main.cf and master.cf, a call for each kind; the first call that fails, or nothing. */
export function edit(programs: PostfixPrograms, { settings, removals, services, drops }: Edits): Ended | undefined {
  const calls = [
    ...(settings.length === 0 ? [] : [['-e', ...settings.map(lineOf)]]),
    ...(removals.length === 0 ? [] : [['-X', ...removals]]),
    ...(drops.length === 0 ? [] : [['-MX', ...drops.map(({ service }) => service)]]),
    ...(services.length === 0 ? [] : [['-M', ...services.map(({ service, line }) => `${service}=${line}`)]]),
  ];
  for (const call of calls) {
    const ended = programs.postconf(...call);
    if (ended.status !== 0) return ended;
  }
  return undefined;
}
