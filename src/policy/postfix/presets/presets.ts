import { debian } from './debian.ts';
import { redHat } from './red-hat.ts';
import type { Preset } from './row.ts';

export type { Preset } from './row.ts';

/** The operating systems whose Postfix is known: version, table type and the main.cf of a fresh installation. */
export const presets: readonly Preset[] = [...redHat, ...debian];

/** The operating system of this name, as `--os` takes it; undefined for any other. */
export function presetOf(name: string): Preset | undefined {
  return presets.find((preset) => preset.name === name);
}

/** The stock main.cf of an operating system as text; nothing for a name that is not known. */
export function stockMainCf(name: string): string | undefined {
  return presetOf(name)
    ?.parameters.map(([parameter, value]) => (value === '' ? `${parameter} =\n` : `${parameter} = ${value}\n`))
    .join('');
}
