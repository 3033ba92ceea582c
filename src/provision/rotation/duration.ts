const seconds = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 } as const;
const longest = 10 * 365 * 86_400;

/**
 * Seconds of a duration such as `14d`, `36h` or `5s`: a whole number with one of the units s, m, h, d, w, as Postfix writes
 * them (postconf(5), "time units"). Undefined for anything else, and for more than ten years.
 */
export function durationSeconds(text: string): number | undefined {
  const match = /^([0-9]{1,9})([smhdw])$/.exec(text);
  if (match === null) return undefined;
  const unit = match[2] as keyof typeof seconds;
  const value = Number(match[1]) * seconds[unit];
  return value <= longest ? value : undefined;
}
