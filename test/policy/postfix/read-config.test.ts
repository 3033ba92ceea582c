// biome-ignore-all lint/suspicious/noTemplateCurlyInString: main.cf writes ${name}
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CertrelayError } from '../../../src/lib/problem.ts';
import { readConfig } from '../../../src/policy/postfix/read-config.ts';
import { minorReleases } from '../../../src/policy/postfix/version.ts';

describe('a configuration', () => {
  it('names where each value comes from', () => {
    const config = readConfig({
      version: '2.10.1',
      mainCf: 'myhostname = mx.example.com\nmydestination = $mydomain\n',
      masterCf: 'submission inet n - n - - smtpd -o mydestination=$extra,local -o extra=other\n',
      service: '587',
    });
    expect(config.get('mydestination')).toBe('other,local');
    expect(config.raw('mydestination')).toBe('$extra,local');
    expect(config.origin('mydestination')).toMatchObject({
      kind: 'master.cf',
      service: 'submission',
      where: { line: 1 },
    });
    expect(config.origin('myhostname')).toMatchObject({ kind: 'main.cf', where: { file: 'main.cf', line: 1 } });
    expect(config.origin('smtpd_relay_restrictions')).toEqual({ kind: 'default', version: '2.10.1' });
    expect([config.isSet('extra'), config.isSet('relay_domains')]).toEqual([true, false]);
    expect(config.get('mydomain')).toBe('example.com');
  });

  it('tells set to nothing from not set', () => {
    const config = readConfig({ version: '2.10', mainCf: { smtpd_relay_restrictions: '' } });
    expect(config.isSet('smtpd_relay_restrictions')).toBe(true);
    expect(config.get('smtpd_relay_restrictions')).toBe('');
  });

  it.each([
    ['2.9', ''],
    ['2.10', 'permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination'],
    ['3.2', 'permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination'],
    ['3.3', ''],
    ['3.11', ''],
  ])('relay restrictions of %s with nothing set', (version, expected) => {
    expect(readConfig({ version, mainCf: '' }).get('smtpd_relay_restrictions')).toBe(expected);
  });

  it('takes defaults by level', () => {
    const at = (level: string) =>
      readConfig({ version: '3.7', mainCf: { compatibility_level: level, mydestination: 'd' } });
    expect(at('1').get('relay_domains')).toBe('d');
    expect(at('2').get('relay_domains')).toBe('');
    expect(at('3.5').get('smtpd_tls_fingerprint_digest')).toBe('md5');
    expect(at('3.6').get('smtpd_tls_fingerprint_digest')).toBe('sha256');
    expect(at('3.10').boolean('smtpd_relay_before_recipient_restrictions')).toBe(true);
  });

  it.each([
    ['${stress?1}${stress:3}', '3'],
    ['${ name ? {a} : {b} }', undefined],
  ])('expands %s for 2.11 as 2.11 does', (value, expected) => {
    const config = readConfig({ version: '2.11', mainCf: { mydestination: value } });
    if (expected === undefined) expect(config.fatal).toBe('dictionary mail_dict: macro processing error');
    else expect(config.get('mydestination')).toBe(expected);
  });

  it('reads numbers and durations', () => {
    const config = readConfig({ version: '3.7', mainCf: { smtpd_timeout: '5m', smtpd_recipient_limit: '7' } });
    expect([
      config.integer('smtpd_timeout'),
      config.integer('smtpd_recipient_limit'),
      config.integer('reject_code'),
    ]).toEqual([300, 7, 554]);
  });

  it('starts with its own defaults in every release', () => {
    expect(minorReleases.map((version) => readConfig({ version, mainCf: '' }).fatal)).toEqual(
      minorReleases.map(() => undefined),
    );
  });

  it('leaves tables open that only a default names, but not those that a file names', () => {
    const open = (mainCf: Record<string, string>, version: string) =>
      readConfig({ version, mainCf })
        .tables('local_recipient_maps')
        .map((table) => [table.spec, table.opaque !== undefined]);
    for (const version of ['2.9', '3.7', '3.11']) {
      expect(open({}, version)).toEqual([
        ['proxy:unix:passwd.byname', true],
        ['hash:/etc/aliases', true],
      ]);
    }
    expect(open({ alias_maps: 'hash:/etc/aliases' }, '3.7')[1]).toEqual(['hash:/etc/aliases', false]);
  });

  it('reads alias tables in their own syntax', () => {
    const tables = { '/etc/aliases': '# x\nPostmaster: root\n"odd name": a, b\n' };
    const [, aliases] = readConfig({ version: '3.7', mainCf: { alias_maps: 'hash:/etc/aliases' }, tables }).tables(
      'local_recipient_maps',
    );
    expect([aliases?.find('postmaster'), aliases?.find('odd name'), aliases?.find('root')]).toEqual([
      'root',
      'a, b',
      undefined,
    ]);
  });

  it.each([
    ['an unknown release', { version: '3.12', mainCf: '' }, 'version-unknown'],
    [
      'no such service',
      { version: '3.7', mainCf: '', masterCf: 'smtp inet n - n - - smtpd\n', service: '587' },
      'service-unknown',
    ],
    ['a broken master.cf', { version: '3.7', mainCf: '', masterCf: 'smtp inet\n' }, 'master-cf-syntax'],
  ])('refuses %s', (_what, sources, code) => {
    expect(() => readConfig(sources)).toThrow(CertrelayError);
    try {
      readConfig(sources);
    } catch (error) {
      expect(error instanceof CertrelayError && error.problems[0]?.code).toBe(code);
    }
  });

  it('gives up on values that double and double, at once', () => {
    const doubling = Array.from({ length: 60 }, (_, i) => `m${i} = $m${i + 1}$m${i + 1}\n`).join('');
    const mainCf = `${doubling}m60 = x\nmydestination = $m0\n`;
    expect(() => readConfig({ version: '3.7', mainCf })).toThrow('too long once expanded');
  });

  it('dies of a loop, and of ten megabytes of open braces, as Postfix would', () => {
    expect(readConfig({ version: '3.7', mainCf: 'mynetworks = $a\na = $b $b\nb = $a $a\n' }).fatal).toContain(
      'macro processing error',
    );
    expect(readConfig({ version: '3.7', mainCf: `mynetworks = ${'${a?{'.repeat(2_000_000)}` }).fatal).toContain(
      'macro processing error',
    );
  });

  it('reads anything without an exception of its own', () => {
    const word = fc.constantFrom(
      'mynetworks',
      'relay_domains',
      ' = ',
      '=',
      '\n',
      '\n ',
      '$',
      '${',
      '}',
      '{',
      '!',
      '/t',
      'hash:/t',
      'cidr:/t',
      'regexp:/t',
      'pcre:/t',
      'texthash:/t',
      'inline:{',
      'unionmap:{',
      ':',
      '10.0.0.0/8',
      '[::1]',
      '/',
      'if ',
      'endif',
      '\0',
      '\r',
      '#',
      '"',
      '\\',
      '(',
      ')',
      '*',
      '[',
      ']',
      '|',
      'é',
      '🎈',
      '\ud800',
    );
    const text = fc.array(word, { maxLength: 40 }).map((words) => words.join(''));
    fc.assert(
      fc.property(text, text, fc.constantFrom(...minorReleases), fc.string(), (mainCf, table, version, key) => {
        const config = readConfig({ version, mainCf, tables: { '/t': table } });
        void config.fatal;
        for (const type of ['hash', 'texthash', 'cidr', 'regexp', 'pcre']) {
          const opened = config.table(`${type}:/t`);
          if (opened.opaque === undefined) opened.find(key);
          void opened.entries?.length;
        }
        for (const name of ['mynetworks', 'relay_domains']) {
          config.matchList(name).matchClient(key, '10.0.0.1');
          config.matchList(name).matchDomain(key);
        }
      }),
      { numRuns: 300 },
    );
  });
});
