import { levelOf } from './compatibility-level.ts';
import { inLoadOrder } from './load-order.ts';
import type { Parameter } from './parameters.ts';
import type { Settings } from './settings.ts';
import { readBoolean, readInteger, readLong, readTime, type Typed } from './typed-values.ts';

/** Of which parameter a program dies while it loads them, and with which line. */
export interface LoadFailure {
  readonly parameter: string;
  readonly fatal: string;
  /** What it logs before. */
  readonly warnings: readonly string[];
}

/** How a program dies while it loads these parameters, if it does; those of smtpd(8), where none are named. */
export function loadFailure(
  settings: Settings,
  loaded: readonly Parameter[] = [...settings.known.values()].filter(({ smtpd }) => smtpd),
): LoadFailure | undefined {
  const failed = firstFailure(settings, loaded);
  if (failed === undefined) return undefined;
  const value = settings.value(failed.parameter);
  return { ...failed, warnings: 'fatal' in value ? value.warnings : [] };
}

function firstFailure(settings: Settings, loaded: readonly Parameter[]): Omit<LoadFailure, 'warnings'> | undefined {
  const level = 'compatibility_level';
  const value = settings.value(level);
  if ('fatal' in value) return { parameter: level, fatal: value.fatal };
  const read = levelOf(value.text, settings.version);
  if ('fatal' in read) return { parameter: level, fatal: read.fatal };
  for (const parameter of inLoadOrder(loaded)) {
    if (parameter.name === level) continue;
    const fatal = parameterFailure(settings, parameter);
    if (fatal !== undefined) return { parameter: parameter.name, fatal };
  }
  return undefined;
}

function parameterFailure(settings: Settings, parameter: Parameter): string | undefined {
  const { name, kind, min, max } = parameter;
  const value = settings.value(name);
  if ('fatal' in value) return value.fatal;
  const { text } = value;
  if (kind === 'string' || kind === 'raw') {
    if (min === undefined || text.length >= min) return undefined;
    return kind === 'raw'
      ? `bad string length (${text.length} < ${min}): ${name} = ${text}`
      : `bad string length ${text.length} < ${min}: ${name} = ${text}`;
  }
  if (kind === 'bool') return fatalOf(readBoolean(name, text));
  if (kind === 'time') {
    const time = readTime(name, text, parameter.fallback ?? '');
    if ('fatal' in time) return time.fatal;
    return min !== undefined && time.value < min ? `invalid ${name}: ${time.value} (min ${min})` : undefined;
  }
  const number = kind === 'int' ? readInteger(name, text) : readLong(name, text);
  if ('fatal' in number) return number.fatal;
  if (min !== undefined && number.value < min) return `invalid ${name} parameter value ${number.value} < ${min}`;
  if (max !== undefined && number.value > max) return `invalid ${name} parameter value ${number.value} > ${max}`;
  return undefined;
}

function fatalOf<T>(typed: Typed<T>): string | undefined {
  return 'fatal' in typed ? typed.fatal : undefined;
}
