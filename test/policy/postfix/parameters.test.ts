import { afterAll, describe, expect, it } from 'vitest';
import { knownParameters } from '../../../src/policy/postfix/parameters.ts';
import { minorReleases, parseVersion, type Version } from '../../../src/policy/postfix/version.ts';
import { needs } from '../../needs.ts';
import { installedVersion, RealPostfix } from './real-postfix.ts';

function version(text: string): Version {
  const parsed = parseVersion(text);
  if ('code' in parsed) throw new Error(parsed.message);
  return parsed;
}

const fallback = (release: string, name: string) => knownParameters(version(release)).get(name)?.fallback;

describe('parameters by release', () => {
  it('knows more and more of them', () => {
    const counts = minorReleases.map((release) => knownParameters(version(release)).size);
    expect(counts[0]).toBeGreaterThan(600);
    expect(counts.at(-1)).toBeGreaterThan(800);
  });

  it.each([
    ['2.9', undefined],
    ['2.10.0', 'permit_mynetworks, reject_unauth_destination'],
    ['2.10.1', 'permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination'],
    ['3.2', 'permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination'],
  ])('smtpd_relay_restrictions of %s', (release, expected) => {
    expect(fallback(release, 'smtpd_relay_restrictions')).toBe(expected);
  });

  it('follows patch levels', () => {
    expect(fallback('3.8.3', 'smtpd_forbid_bare_newline')).toBeUndefined();
    expect(fallback('3.8.4', 'smtpd_forbid_bare_newline')).toBe('no');
    expect(fallback('3.9', 'smtpd_forbid_bare_newline')).toBe('normalize');
    expect(fallback('3.0.1', 'smtpd_tls_protocols')).toBe('');
    expect(fallback('3.0.2', 'smtpd_tls_protocols')).toBe('!SSLv2, !SSLv3');
  });

  it('forgets what a release removed, and keeps what only some patch levels had', () => {
    expect(fallback('3.10', 'tls_legacy_public_key_fingerprints')).toBe('no');
    expect(fallback('3.11', 'tls_legacy_public_key_fingerprints')).toBeUndefined();
    expect(fallback('3.4.6', 'tls_fast_shutdown')).toBe('yes');
    expect(fallback('3.4.7', 'tls_fast_shutdown')).toBeUndefined();
  });

  it('leaves the host name to the host', () => {
    const parameter = knownParameters(version('3.7')).get('myhostname');
    expect(parameter).toMatchObject({ fallback: undefined, smtpd: true, min: 1 });
  });
});

/** Set by the packager or found out when a program starts; the others must be equal. */
const localNames = new Set([
  ...['alias_maps', 'alias_database', 'daemon_directory', 'html_directory', 'manpage_directory', 'readme_directory'],
  ...['command_directory', 'mydomain', 'myhostname', 'mynetworks', 'service_name', 'mail_version', 'mail_release_date'],
  ...['shlib_directory', 'sendmail_path', 'newaliases_path', 'mailq_path', 'sample_directory', 'default_database_type'],
  ...['default_cache_db_type', 'data_directory', 'meta_directory', 'config_directory', 'setgid_group'],
]);

const missing = needs('postconf');

describe.skipIf(missing)('defaults beside the installed postconf', () => {
  const real = new RealPostfix();
  afterAll(() => real.remove());

  it('are the same', () => {
    const known = knownParameters(version(installedVersion()));
    const lines = real.postconf('-d').out.split('\n');
    const theirs = new Map(lines.filter((line) => line !== '').map((line) => splitLine(line)));
    const different: unknown[] = [];
    for (const parameter of known.values()) {
      const value = theirs.get(parameter.name);
      if (localNames.has(parameter.name) || value === undefined) continue;
      if (value !== parameter.fallback) different.push([parameter.name, value, parameter.fallback]);
    }
    expect(different).toEqual([]);
    const absent = [...known.keys()].filter((name) => !theirs.has(name));
    expect(absent).toEqual([]);
  });
});

function splitLine(line: string): readonly [string, string] {
  const at = line.indexOf(' =');
  return [line.slice(0, at), line.slice(at + 2).trim()];
}
