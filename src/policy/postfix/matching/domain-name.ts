/** Parameters of RFC 3492 section 5. */
const base = 36;
const tMin = 1;
const tMax = 26;
const skew = 38;
const damp = 700;
const initialBias = 72;
const initialN = 128;

/** `domain_to_ascii` of main.cf: labels that are not ASCII become A-labels (RFC 5890); ASCII input is unchanged. */
export function domainToAscii(name: string): string {
  if (isAscii(name)) return name;
  const mapped = name
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFKC')
    .replace(/[。．｡]/g, '.');
  return mapped
    .split('.')
    .map((label) => (isAscii(label) ? label : `xn--${encode(label)}`))
    .join('.');
}

/** `domain_to_utf8` of main.cf: A-labels become U-labels; input that is not ASCII is unchanged. */
export function domainToUnicode(name: string): string {
  if (!isAscii(name)) return name;
  return name
    .split('.')
    .map((label) => (/^xn--/i.test(label) ? (decode(label.slice(4).toLowerCase()) ?? label) : label))
    .join('.');
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}

/** RFC 3492 section 6.1. */
function adapt(delta: number, points: number, first: boolean): number {
  let rest = first ? Math.floor(delta / damp) : delta >> 1;
  rest += Math.floor(rest / points);
  let k = 0;
  for (; rest > ((base - tMin) * tMax) >> 1; k += base) rest = Math.floor(rest / (base - tMin));
  return k + Math.floor(((base - tMin + 1) * rest) / (rest + skew));
}

function threshold(k: number, bias: number): number {
  return Math.min(Math.max(k - bias, tMin), tMax);
}

/** RFC 3492 section 6.3. */
function encode(label: string): string {
  const points = Array.from(label, (character) => character.codePointAt(0) ?? 0);
  let output = points
    .filter((point) => point < initialN)
    .map((point) => String.fromCharCode(point))
    .join('');
  const basic = output.length;
  if (basic > 0) output += '-';
  let n = initialN;
  let delta = 0;
  let bias = initialBias;
  for (let handled = basic; handled < points.length; delta++, n++) {
    const next = Math.min(...points.filter((point) => point >= n));
    delta += (next - n) * (handled + 1);
    n = next;
    for (const point of points) {
      if (point < n) delta++;
      if (point !== n) continue;
      let q = delta;
      for (let k = base; ; k += base) {
        const t = threshold(k, bias);
        if (q < t) break;
        output += digit(t + ((q - t) % (base - t)));
        q = Math.floor((q - t) / (base - t));
      }
      output += digit(q);
      bias = adapt(delta, handled + 1, handled === basic);
      delta = 0;
      handled++;
    }
  }
  return output;
}

/** RFC 3492 section 6.2; undefined when the text is no Punycode. */
function decode(text: string): string | undefined {
  const dash = text.lastIndexOf('-');
  const output = Array.from(text.slice(0, Math.max(dash, 0)), (character) => character.codePointAt(0) ?? 0);
  let n = initialN;
  let bias = initialBias;
  for (let at = dash < 0 ? 0 : dash + 1, i = 0; at < text.length; i++) {
    const before = i;
    let weight = 1;
    for (let k = base; ; k += base) {
      const value = digitValue(text.charCodeAt(at++));
      if (value === undefined) return undefined;
      i += value * weight;
      const t = threshold(k, bias);
      if (value < t) break;
      weight *= base - t;
    }
    bias = adapt(i - before, output.length + 1, before === 0);
    n += Math.floor(i / (output.length + 1));
    i %= output.length + 1;
    if (n > 0x10ffff) return undefined;
    output.splice(i, 0, n);
  }
  return String.fromCodePoint(...output);
}

function digit(value: number): string {
  return String.fromCharCode(value < 26 ? value + 97 : value + 22);
}

/** Letters are 0 to 25, digits 26 to 35; NaN, which charCodeAt yields past the end, is neither. */
function digitValue(code: number): number | undefined {
  if (code >= 97 && code <= 122) return code - 97;
  return code >= 48 && code <= 57 ? code - 22 : undefined;
}
