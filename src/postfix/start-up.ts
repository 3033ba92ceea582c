import { levelOf } from './compatibility-level.ts';
import type { Parameter } from './parameters.ts';
import type { Settings } from './settings.ts';
import { readBoolean, readInteger, readLong, readTime } from './typed-values.ts';

/** In the order in which the server loads them: those of all programs first, then its own, kind by kind. */
const kinds: readonly Parameter['kind'][] = ['string', 'bool', 'int', 'long', 'time', 'raw'];

/** The line with which smtpd(8) dies while it loads its parameters, if it does. */
export function loadFailure(settings: Settings): string | undefined {
  const value = settings.value('compatibility_level');
  if ('fatal' in value) return value.fatal;
  const level = levelOf(value.text, settings.version);
  if ('fatal' in level) return level.fatal;
  // Defaults are sound, so only what the files set can fail, or a default that refers to it.
  for (const kind of kinds) {
    for (const parameter of settings.known.values()) {
      if (parameter.kind !== kind || !parameter.smtpd || parameter.name === 'compatibility_level') continue;
      const fatal = parameterFailure(settings, parameter);
      if (fatal !== undefined) return fatal;
    }
  }
  return undefined;
}

function parameterFailure(settings: Settings, parameter: Parameter): string | undefined {
  const { name, kind } = parameter;
  const value = settings.value(name);
  if ('fatal' in value) return value.fatal;
  const typed =
    kind === 'bool'
      ? readBoolean(name, value.text)
      : kind === 'int'
        ? readInteger(name, value.text)
        : kind === 'long'
          ? readLong(name, value.text)
          : kind === 'time'
            ? readTime(name, value.text, parameter.fallback ?? '')
            : undefined;
  return typed !== undefined && 'fatal' in typed ? typed.fatal : undefined;
}
