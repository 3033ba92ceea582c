import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LiveReply, ReplyReader } from '../../../src/hosts/probe/reply-reader.ts';
import { Trouble } from '../../../src/hosts/probe/trouble.ts';

/** Feeds octets in pieces of these lengths, over and over. */
function read(octets: Buffer, lengths: readonly number[]): readonly LiveReply[] {
  const reader = new ReplyReader();
  const replies: LiveReply[] = [];
  let at = 0;
  for (let turn = 0; at < octets.length; turn++) {
    const length = lengths[turn % lengths.length] ?? 1;
    reader.push(octets.subarray(at, at + length));
    at += length;
    for (let reply = reader.take(); reply !== undefined; reply = reader.take()) replies.push(reply);
  }
  return replies;
}

const pieces = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });
const text = fc.string({ unit: 'grapheme', maxLength: 60 }).map((word) => word.replace(/[\r\n]/g, '').trim());
const reply = fc
  .record({
    code: fc.integer({ min: 200, max: 599 }),
    enhanced: fc.boolean(),
    lines: fc.array(text, { minLength: 1, maxLength: 5 }),
  })
  .map(({ code, enhanced, lines }) => ({
    ...{ code, enhanced: enhanced ? `${Math.floor(code / 100)}.7.1` : '' },
    // What begins like an enhanced status code is one.
    lines: lines.map((line) => line.replace(/^\d\./, '')).map((line) => line.trim()),
  }));

function onWire({ code, enhanced, lines }: LiveReply): string {
  return lines
    .map((line, index) => `${code}${index === lines.length - 1 ? ' ' : '-'}${enhanced} ${line}`)
    .map((line) => line.replace(/^(\d{3}[ -]) /, '$1'))
    .join('\r\n')
    .concat('\r\n');
}

describe('replies', () => {
  it('are the same however they are cut', () => {
    fc.assert(
      fc.property(fc.array(reply, { minLength: 1, maxLength: 6 }), pieces, (replies, lengths) => {
        const octets = Buffer.from(replies.map(onWire).join(''), 'utf8');
        expect(read(octets, lengths)).toEqual(replies);
      }),
    );
  });

  it('are refused for what they are, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), pieces, (octets, lengths) => {
        try {
          for (const { code } of read(Buffer.from(octets), lengths)) expect(code).toBeGreaterThanOrEqual(200);
        } catch (error) {
          expect(error).toBeInstanceOf(Trouble);
        }
      }),
    );
  });

  it('may end with a line feed alone, and have nothing behind the code', () => {
    expect(read(Buffer.from('220\n250 \n'), [3])).toEqual([
      { code: 220, enhanced: '', lines: [''] },
      { code: 250, enhanced: '', lines: [''] },
    ]);
  });

  it('have an enhanced status code of their own class only', () => {
    expect(read(Buffer.from('550 4.7.1 no\r\n550 5.7.1\r\n'), [50])).toEqual([
      { code: 550, enhanced: '', lines: ['4.7.1 no'] },
      { code: 550, enhanced: '5.7.1', lines: [''] },
    ]);
  });

  it('are not kept without end for somebody who takes none', () => {
    const reader = new ReplyReader();
    expect(() => reader.push(Buffer.from('220 mx\r\n'.repeat(200)))).toThrow('it never stops answering');
  });
});
