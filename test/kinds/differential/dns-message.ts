import { parseAddress } from '../../../src/lib/ip.ts';

/** Records in text form, or a word for a failure: `NXDOMAIN`, or anything else for a temporary one. */
export type Answers = readonly string[] | string;

export interface DnsQuestion {
  /** Lower case, without the final dot. */
  readonly name: string;
  readonly type: string;
  /** Where the question ends in the message. */
  readonly end: number;
}

const types: Readonly<Record<number, string>> = {
  1: 'A',
  2: 'NS',
  5: 'CNAME',
  6: 'SOA',
  12: 'PTR',
  15: 'MX',
  16: 'TXT',
  28: 'AAAA',
};
const numbers = Object.fromEntries(Object.entries(types).map(([number, type]) => [type, Number(number)]));

/** The first question of a message (RFC 1035, section 4.1); undefined when it has none. */
export function readQuestion(message: Buffer): DnsQuestion | undefined {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at]; length !== undefined && length > 0; length = message[at]) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length).toLowerCase());
    at += 1 + length;
  }
  if (at + 5 > message.length) return undefined;
  const number = message.readUInt16BE(at + 1);
  return { name: labels.join('.'), type: types[number] ?? `TYPE${number}`, end: at + 5 };
}

/** The reply to a question, with every record in full. */
export function encodeAnswer(message: Buffer, { name, type, end }: DnsQuestion, answers: Answers): Buffer {
  const records = typeof answers === 'string' ? [] : answers;
  const code = typeof answers !== 'string' ? 0 : /^nxdomain$/i.test(answers) ? 3 : /^no ?data$/i.test(answers) ? 0 : 2;
  const head = Buffer.from(message.subarray(0, end));
  head.writeUInt16BE(0x8580 | code, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(records.length, 6);
  head.writeUInt16BE(0, 8);
  head.writeUInt16BE(0, 10);
  return Buffer.concat([head, ...records.map((record) => encodeRecord(name, type, record))]);
}

function encodeRecord(name: string, type: string, record: string): Buffer {
  const data = encodeData(type, record);
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(numbers[type] ?? 0, 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt32BE(1, 4);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([encodeName(name), fixed, data]);
}

function encodeData(type: string, record: string): Buffer {
  if (type === 'A' || type === 'AAAA') return addressBytes(record);
  if (type === 'MX') {
    const [preference = '0', host = ''] = record.trim().split(/\s+/);
    const number = Buffer.alloc(2);
    number.writeUInt16BE(Number(preference));
    return Buffer.concat([number, encodeName(host)]);
  }
  if (type === 'TXT') {
    // One text of as many strings as it needs (RFC 1035, section 3.3.14).
    const strings = record.match(/.{1,255}/gs) ?? [''];
    return Buffer.concat(
      strings.map((text) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'latin1')])),
    );
  }
  return encodeName(record);
}

function encodeName(name: string): Buffer {
  const labels = name.replace(/\.$/, '').split('.').filter(Boolean);
  return Buffer.concat([
    ...labels.flatMap((label) => [Buffer.from([label.length]), Buffer.from(label, 'latin1')]),
    Buffer.from([0]),
  ]);
}

function addressBytes(text: string): Buffer {
  const canonical = parseAddress(text)?.text ?? '0.0.0.0';
  if (!canonical.includes(':')) return Buffer.from(canonical.split('.').map(Number));
  const [left = '', right] = canonical.split('::');
  const groups = (half: string) => half.split(':').filter(Boolean);
  const head = groups(left);
  const tail = right === undefined ? [] : groups(right);
  const all =
    right === undefined ? head : [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
  return Buffer.from(all.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]));
}
