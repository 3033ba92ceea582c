/** A value as a number or truth, or the line with which a program dies on it. */
export type Typed<T> = { readonly value: T } | { readonly fatal: string };

/** `yes` and `no` in any case (postconf(5)). */
export function readBoolean(name: string, text: string): Typed<boolean> {
  const folded = text.toLowerCase();
  if (folded === 'yes') return { value: true };
  if (folded === 'no') return { value: false };
  return { fatal: `bad boolean configuration: ${name} = ${text}` };
}

const intMax = 2147483647;

/** A decimal number as strtol(3) takes it, of the machine's int. */
export function readInteger(name: string, text: string): Typed<number> {
  const value = /^[ \t\n\v\f\r]*[+-]?[0-9]+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= -intMax - 1 && value <= intMax) return { value };
  return { fatal: `bad numerical configuration: ${name} = ${text}` };
}

/** A decimal number of the machine's long. */
export function readLong(name: string, text: string): Typed<number> {
  const value = /^[ \t\n\v\f\r]*[+-]?[0-9]+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(value) && Math.abs(value) < 2 ** 63) return { value };
  return { fatal: `bad numerical configuration: ${name} = ${text}` };
}

const secondsOf: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86400, w: 604800 };

/** Digits and a unit `s m h d w`; without one, the unit is that of the parameter's default. In seconds. */
export function readTime(name: string, text: string, fallback: string): Typed<number> {
  const match = /^[ \t\n\v\f\r]*\+?([0-9]+)([smhdwSMHDW]?)$/.exec(text);
  const unit = match?.[2] || /[smhdw]$/.exec(fallback)?.[0] || 's';
  const value = Number(match?.[1] ?? Number.NaN) * (secondsOf[unit.toLowerCase()] ?? 1);
  if (value <= intMax) return { value };
  return { fatal: `parameter ${name}: bad time value or unit: ${text}` };
}
