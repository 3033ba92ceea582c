// biome-ignore-all lint/suspicious/noTemplateCurlyInString: main.cf writes ${name}
import type { Random } from './random.ts';

/** As long as an input may get: what takes longer than its time below this length is a defect. */
export const longest = 100_000;

type Change = (bytes: Buffer, random: Random, samples: readonly Buffer[]) => Buffer;

/** What stands between the parts of every format here. */
const separators = ['\n', '\r\n', ' ', '\t', ',', '=', ':', '{', '}', '"', '/', '\\', '$', '#', '!', '[', ']'];

/** Pieces that formats trip over. */
const awkward = [
  '\0',
  '\ufeff',
  '\r',
  '\n\n',
  '\n \n',
  '\n#',
  '\u0085',
  '\u2028',
  '\u{1f600}',
  '${',
  '$(',
  '$$',
  '${{a} == {b} ? {c} : {d}}',
  '{{{{',
  '}}}}',
  '__proto__',
  'constructor',
  '-1',
  '99999999999999999999',
  '0x10',
  '1e999',
  '\\',
  '"',
  "'",
  '%s%n',
  '..',
  '//',
].map((text) => Buffer.from(text));

/** No UTF-8: a lone continuation, a cut sequence, an overlong form, a surrogate, what is too large. */
const notUtf8 = [[0x80], [0xe2, 0x82], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xff]].map(
  (bytes) => Buffer.from(bytes),
);

const splice = (bytes: Buffer, start: number, end: number, ...between: readonly Buffer[]): Buffer =>
  Buffer.concat([bytes.subarray(0, start), ...between, bytes.subarray(end)]);

/** A stretch of the input: short as a rule, any length now and then. */
function stretch(bytes: Buffer, random: Random): readonly [number, number] {
  const start = random.below(bytes.length + 1);
  const most = random.chance(80) ? 16 : bytes.length - start;
  return [start, Math.min(bytes.length, start + random.below(most + 1))];
}

const times = (piece: Buffer, random: Random): Buffer => {
  const wish = random.one([2, 3, 10, 101, 1000, 20_000]);
  const count = Math.max(1, Math.min(wish, Math.floor(longest / Math.max(piece.length, 1))));
  return Buffer.concat(Array.from({ length: count }, () => piece));
};

const changes: readonly Change[] = [
  // cut off
  (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1)),
  // leave out
  (bytes, random) => splice(bytes, ...stretch(bytes, random)),
  // say twice
  (bytes, random) => {
    const [start, end] = stretch(bytes, random);
    return splice(bytes, end, end, bytes.subarray(start, end));
  },
  // repeat many times over
  (bytes, random) => {
    const [start, end] = stretch(bytes, random);
    return splice(bytes, end, end, times(bytes.subarray(start, end), random));
  },
  // put in something of another sample
  (bytes, random, samples) => {
    const other = random.one(samples);
    return splice(bytes, ...stretch(bytes, random), other.subarray(...stretch(other, random)));
  },
  // exchange two lines
  (bytes, random) => {
    const lines = bytes.toString('latin1').split('\n');
    const [i, j] = [random.below(lines.length), random.below(lines.length)];
    [lines[i], lines[j]] = [lines[j] ?? '', lines[i] ?? ''];
    return Buffer.from(lines.join('\n'), 'latin1');
  },
  // turn a bit
  (bytes, random) => {
    const turned = Buffer.from(bytes);
    const at = random.below(bytes.length + 1);
    if (at < turned.length) turned[at] = (turned[at] ?? 0) ^ (1 << random.below(8));
    return turned;
  },
  // another byte
  (bytes, random) => {
    const at = random.below(bytes.length + 1);
    return splice(bytes, at, at + 1, Buffer.from([random.below(256)]));
  },
  // a separator more
  (bytes, random) => {
    const at = random.below(bytes.length + 1);
    return splice(bytes, at, at, Buffer.from(random.one(separators)));
  },
  (bytes, random) => {
    const at = random.below(bytes.length + 1);
    return splice(bytes, at, at, random.one(awkward));
  },
  (bytes, random) => {
    const at = random.below(bytes.length + 1);
    return splice(bytes, at, at, random.one(notUtf8));
  },
  // nest deeply
  (bytes, random) => {
    const [start, end] = stretch(bytes, random);
    const [open, close] = random.one([
      ['{', '}'],
      ['[', ']'],
      ['(', ')'],
      ['${', '}'],
      ['{"a":', '}'],
      ['unionmap:{', '}'],
      ['"', '"'],
      ['if /a/\n', '\nendif'],
      ['\x30\x80', '\0\0'],
    ] as const);
    const depth = random.one([2, 99, 101, 500, 5000]);
    const room = Math.floor(longest / (open.length + close.length));
    const count = Math.min(depth, room);
    return splice(
      bytes,
      start,
      end,
      Buffer.from(open.repeat(count), 'latin1'),
      bytes.subarray(start, end),
      Buffer.from(random.chance(80) ? close.repeat(count) : '', 'latin1'),
    );
  },
  // line ends of another system
  (bytes) => Buffer.from(bytes.toString('latin1').replaceAll('\n', '\r\n'), 'latin1'),
  (bytes) => Buffer.concat([Buffer.from('\ufeff'), bytes]),
  // letters of the other case
  (bytes, random) => {
    const [start, end] = stretch(bytes, random);
    const text = bytes.subarray(start, end).toString('latin1');
    return splice(
      bytes,
      start,
      end,
      Buffer.from(random.chance(50) ? text.toUpperCase() : text.toLowerCase(), 'latin1'),
    );
  },
];

/** A sample with some changes: one or two as a rule, for an input that is still nearly right goes deeper. */
export function mutated(samples: readonly Buffer[], random: Random): Buffer {
  let bytes = random.one(samples);
  for (let left = random.one([1, 1, 1, 2, 2, 3, 6, 12]); left > 0; left--)
    bytes = random.one(changes)(bytes, random, samples);
  return bytes.subarray(0, longest);
}
