import { CertrelayError } from '../../lib/problem.ts';
import type { PostfixConfig } from '../../policy/postfix/config.ts';
import { stockMainCf } from '../../policy/postfix/presets/presets.ts';
import { readConfig } from '../../policy/postfix/read-config.ts';
import { tokens } from '../../policy/postfix/tokens.ts';
import type { Settings } from '../settings/types.ts';

/** What rendering asks of the configuration that a fragment goes into. */
export type Base = Pick<PostfixConfig, 'get' | 'isSet' | 'version'>;

/**
 * The server's configuration as far as it is known: what `postconf -n` said there, else what its operating system
 * installs, else nothing at all (undefined). The defaults of the version fill in the rest.
 */
export function serverBase(settings: Settings, version: string): Base | undefined {
  const text = settings.baseMainCf ?? (settings.os === undefined ? undefined : stockMainCf(settings.os));
  if (text === undefined) return undefined;
  const name = settings.baseMainCf === undefined ? `main.cf of ${settings.os}` : 'the base main.cf';
  const config = readConfig({ version, mainCf: text, mainCfName: name });
  if (config.fatal === undefined) return config;
  throw new CertrelayError('usage', {
    code: 'base-main-cf-fatal',
    message: `no Postfix program would run with ${name}: ${config.fatal}`,
  });
}

/** The elements of a list parameter, as this version splits it. */
export function listOf(base: Base, parameter: string): readonly string[] {
  return tokens(base.get(parameter), base.version);
}
