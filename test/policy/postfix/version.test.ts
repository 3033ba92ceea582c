import { describe, expect, it } from 'vitest';
import { atLeast, compareVersions, parseVersion, type Version, within } from '../../../src/policy/postfix/version.ts';

function version(text: string): Version {
  const parsed = parseVersion(text);
  if ('code' in parsed) throw new Error(parsed.message);
  return parsed;
}

describe('versions', () => {
  it.each([
    ['2.9', '2.9.15'],
    ['3.7', '3.7.22'],
    ['3.7.11', '3.7.11'],
    ['3.11', '3.11.7'],
    ['3.10.13', '3.10.13'],
    ['3.10.14', '3.10.14'],
    ['2.9.0', '2.9.0'],
  ])('%s is %s', (text, expected) => {
    expect(parseVersion(text)).toMatchObject({ text: expected });
  });

  it.each([
    ['', 'version-syntax'],
    ['3', 'version-syntax'],
    ['3.7.', 'version-syntax'],
    ['3.7.1.2', 'version-syntax'],
    ['3.7-rc1', 'version-syntax'],
    [' 3.7', 'version-syntax'],
    ['2.8', 'version-unknown'],
    ['2.12', 'version-unknown'],
    ['3.12', 'version-unknown'],
    ['4.0', 'version-unknown'],
    ['2.10.11', 'version-patch-level'],
    ['3.7.100', 'version-patch-level'],
  ])('"%s" is refused: %s', (text, code) => {
    expect(parseVersion(text)).toMatchObject({ code });
  });

  it('orders numerically, not by text', () => {
    expect(compareVersions(version('3.10'), version('3.9'))).toBeGreaterThan(0);
    expect(compareVersions(version('2.9.2'), version('2.9.10'))).toBeLessThan(0);
    expect(compareVersions(version('3.7.22'), version('3.7'))).toBe(0);
  });

  it('takes since as inclusive and until as exclusive', () => {
    expect(atLeast(version('3.4.0'), '3.4')).toBe(true);
    expect(atLeast(version('3.3.22'), '3.4')).toBe(false);
    expect(atLeast(version('3.3.17'), '3.3.18')).toBe(false);
    expect(within(version('3.8.20'), { since: '2.9', until: '3.9' })).toBe(true);
    expect(within(version('3.9.0'), { since: '2.9', until: '3.9' })).toBe(false);
    expect(within(version('3.9.0'), {})).toBe(true);
  });
});
