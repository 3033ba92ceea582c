import type { Setting } from '../../programs/manifest.ts';
import type { Refusal } from './refusal.ts';

/** The `-o` settings of an entry of master.cf, by `name/type`. */
export type Overrides = ReadonlyMap<string, readonly Setting[]>;

/** Reads `postconf -P`: `name/type/parameter = value` lines. */
export function readOverrides(lines: string): Overrides {
  const found = new Map<string, Setting[]>();
  for (const line of lines.split('\n')) {
    const match = /^(\S+\/[a-z]+)\/([A-Za-z0-9_]+) =(?: (.*))?$/.exec(line);
    if (match === null) continue;
    const [, service = '', name = '', value = ''] = match;
    const known = found.get(service);
    if (known === undefined) found.set(service, [{ name, value }]);
    else known.push({ name, value });
  }
  return found;
}

/**
 * An -o in master.cf is stronger than main.cf: is a setting of the folder hidden by one, for a service that it is meant
 * for? Restriction lists are judged by what they do, and a stronger level than was asked for does no harm.
 */
export function hiddenBy(
  services: readonly string[],
  overrides: Overrides,
  settings: readonly Setting[],
  config: string,
): Refusal | undefined {
  for (const service of services) {
    for (const { name, value } of overrides.get(service) ?? []) {
      if (/^smtpd_\w+_restrictions$/.test(name)) continue;
      if (name === 'smtpd_tls_security_level' && value === 'encrypt') continue;
      const wanted = settings.find((setting) => setting.name === name)?.value;
      if (wanted === undefined || wanted === value) continue;
      const problem = {
        code: 'setting-hidden',
        message: `nothing changed: master.cf hides a setting: ${service} has -o ${name}=${value}, and "${wanted}" is needed`,
        hint: `take that -o out of the entry "${service.replace(/\/[a-z]+$/, '')}" in ${config}/master.cf, and run this again`,
      };
      return { exit: 'denied', problem, details: [] };
    }
  }
  return undefined;
}
