import { afterAll, describe, expect, it } from 'vitest';
import { readMasterCf } from '../../../src/policy/postfix/master-cf.ts';
import { findService } from '../../../src/policy/postfix/service.ts';
import { parseVersion, type Version } from '../../../src/policy/postfix/version.ts';
import { needs } from '../../needs.ts';
import { RealPostfix } from './real-postfix.ts';

function version(text: string): Version {
  const parsed = parseVersion(text);
  if ('code' in parsed) throw new Error(parsed.message);
  return parsed;
}

const read = (text: string, release = '3.7') => readMasterCf(text, 'master.cf', version(release));

const stock = `# service type  private unpriv  chroot  wakeup  maxproc command + args
smtp      inet  n       -       y       -       -       smtpd
#smtp      inet  n       -       y       -       1       postscreen
submission inet n       -       y       -       -       smtpd
  -o syslog_name=postfix/submission
  -o smtpd_tls_security_level=encrypt
# a comment between
  -o { smtpd_relay_restrictions = permit_sasl_authenticated, reject }
  -o {smtpd_helo_restrictions=reject foo}
  -v
127.0.0.1:10025 inet n - n - - smtpd -o mynetworks=127.0.0.0/8,[::1]/128
[::1]:2525 inet n - n - - /usr/lib/postfix/sbin/smtpd -omynetworks=
submissions inet n - y - - smtpd -o smtpd_tls_wrappermode=yes -o smtpd_tls_wrappermode=no
pickup    unix  n       -       y       60      1       pickup
`;

const overrides = (text: string, wanted: string, release?: string) =>
  findService(read(text, release), wanted)?.overrides.map(({ name, value }) => [name, value]);

describe('master.cf', () => {
  it.each([
    ['smtp', []],
    ['25', []],
    ['587', 4],
    ['submission', 4],
    ['127.0.0.1:10025', [['mynetworks', '127.0.0.0/8,[::1]/128']]],
    ['10025', [['mynetworks', '127.0.0.0/8,[::1]/128']]],
    ['[::1]:2525', [['mynetworks', '']]],
    ['192.0.2.1:25', []],
    ['smtps', 2],
    ['465', 2],
    ['192.0.2.1:10025', undefined],
    ['pickup', undefined],
  ] as const)('finds %s', (wanted, expected) => {
    const found = overrides(stock, wanted);
    if (typeof expected === 'number') expect(found).toHaveLength(expected);
    else expect(found).toEqual(expected);
  });

  it('reads both spellings of -o', () => {
    expect(overrides(stock, 'submission')).toEqual([
      ['syslog_name', 'postfix/submission'],
      ['smtpd_tls_security_level', 'encrypt'],
      ['smtpd_relay_restrictions', 'permit_sasl_authenticated, reject'],
      ['smtpd_helo_restrictions', 'reject foo'],
    ]);
  });

  it('has no braces before 3.0', () => {
    expect(findService(read('25 inet n - n - - smtpd -o {a=b}\n', '2.11'), '25')?.overrides).toMatchObject([
      { name: '{a', value: 'b}' },
    ]);
    expect(findService(read('25 inet n - n - - smtpd -o { a = b }\n', '2.11'), '25')?.fatal).toBe(
      `invalid "-o {" option value: missing '=' after attribute name`,
    );
  });

  it('goes on to the pass service behind postscreen', () => {
    const text = 'smtp inet n - y - 1 postscreen\nsmtpd pass - - y - - smtpd -o a=b\n';
    expect(overrides(text, 'smtp')).toEqual([['a', 'b']]);
    expect(overrides(text, 'smtpd')).toEqual([['a', 'b']]);
  });

  it.each([
    ['smtp inet n - n - -', 'master.cf: line 1: missing "command" field'],
    ['smtp\n', 'master.cf: line 1: missing "type" field'],
    ['25 inet n - n - - smtpd -o { a = b', `master.cf: line 1: missing '}' in "{ a = b"`],
  ])('%j stops the master', (text, message) => {
    expect(read(text).fatal?.message).toBe(message);
  });

  it('dies of stray words and of -o without a value', () => {
    expect(findService(read('25 inet n - n - - smtpd word\n'), '25')?.fatal).toBe(
      'unexpected command-line argument: word',
    );
    expect(findService(read('25 inet n - n - - smtpd -o foo\n'), '25')?.fatal).toBe(
      `invalid "-o foo" option value: missing '=' after attribute name`,
    );
  });
});

const missing = needs('postconf');

describe.skipIf(missing)('master.cf beside the installed postconf', () => {
  const real = new RealPostfix();
  afterAll(() => real.remove());

  it('has the same overrides', () => {
    // postconf 3.7 itself misreads a value glued to its -o, which the server does not.
    const apart = stock.replace('-omynetworks', '-o mynetworks');
    real.write('master.cf', apart);
    const theirs = real
      .postconf('-P')
      .out.split('\n')
      .filter((line) => line !== '')
      .sort();
    const ours = read(apart).services.flatMap((service) => {
      const last = new Map(service.overrides.map(({ name, value }) => [name, value]));
      return [...last].map(([name, value]) => `${service.name}/${service.type}/${name} = ${value}`.trimEnd());
    });
    expect(ours.sort()).toEqual(theirs.map((line) => line.trimEnd()));
  });

  it('has the same services and columns', () => {
    real.write('master.cf', stock);
    const theirs = real
      .postconf('-M')
      .out.split('\n')
      .filter((line) => line !== '' && !line.startsWith(' '))
      .map((line) => line.split(/\s+/).slice(0, 8));
    const ours = read(stock).services.map((service) => [
      service.name,
      service.type,
      ...service.columns,
      service.command,
    ]);
    expect(ours).toEqual(theirs);
  });
});
