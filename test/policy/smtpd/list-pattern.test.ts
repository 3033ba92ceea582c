import { describe, expect, it } from 'vitest';
import { readListPattern } from '../../../src/policy/smtpd/restrictions/list-pattern.ts';

describe('the addresses of a DNS list that count', () => {
  it.each([
    ['127.0.0.2', '127.0.0.2', true],
    ['127.0.0.2', '127.0.0.3', false],
    ['127.0.0.[2;4..6]', '127.0.0.2', true],
    ['127.0.0.[2;4..6]', '127.0.0.3', false],
    ['127.0.0.[2;4..6]', '127.0.0.6', true],
    ['[127.0.0.5]', '127.0.0.5', true],
    ['127.[0..255].0.1', '127.9.0.1', true],
  ])('%s and %s', (pattern, address, counts) => {
    const read = readListPattern(pattern);
    expect('counts' in read && read.counts(address)).toBe(counts);
  });

  // Each as smtpd 3.7.11 logs it when it dies.
  it.each([
    ['', 'empty address pattern'],
    ['127.0.0', 'need "." at "127.0.0><"'],
    ['127.0.0.300', 'need decimal number 0..255 or "[" at "127.0.0.>300<"'],
    ['127.0.0.[4..2]', 'numeric range error at "127.0.0.[4..>2<]"'],
    ['127.0.0.[2;4..', 'numeric range error at "127.0.0.[2;4..><"'],
    ['[127.0.0.1;2]', 'garbage after pattern at "127.0.0.1>;<2"'],
    ['127.0.[0.1', 'numeric range error at "127.0.[0.>1<"'],
  ])('"%s" is no pattern', (pattern, problem) => {
    expect(readListPattern(pattern)).toEqual({ problem });
  });
});
