import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Edit, parameterSet, setTo, withOverride } from '../../src/diagnose/configuration/edit.ts';
import { commandsOf } from '../../src/diagnose/repair/commands.ts';
import { readMasterCf } from '../../src/policy/postfix/master-cf.ts';
import { parseVersion, type Version } from '../../src/policy/postfix/version.ts';
import { needs } from '../needs.ts';

function release(text: string): Version {
  const version = parseVersion(text);
  if ('code' in version) throw new Error(version.message);
  return version;
}

const mainCf = `# head
a_first = 1
smtpd_relay_restrictions = permit_mynetworks,
    # a comment within
    reject

myhostname = a.example
smtpd_relay_restrictions = reject
  permit
# tail
`;

const masterCf = `smtp      inet  n       -       y       -       -       smtpd
submission inet n - y - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
smtps inet n - y - - smtpd -o { smtpd_relay_restrictions = permit_sasl_authenticated, reject }
pickup    unix  n       -       y       60      1       pickup
`;

const edits: readonly Edit[] = [
  setTo('smtpd_relay_restrictions', 'permit_tls_clientcerts, reject'),
  setTo('relay_clientcerts', "hash:/etc/postfix/it's here"),
  setTo('smtpd_recipient_restrictions', ''),
  setTo('smtpd_relay_restrictions', 'permit_tls_clientcerts, reject', 'submission/inet'),
  setTo('smtpd_relay_restrictions', 'permit_tls_clientcerts,  reject', 'smtps/inet'),
  setTo('smtpd_tls_ask_ccert', 'yes', 'smtp/inet'),
];

function overrides(text: string): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const { services } = readMasterCf(text, 'master.cf', release('3.7'));
  return Object.fromEntries(
    services.map(({ name, overrides: own }) => [
      name,
      Object.fromEntries(own.map(({ name: key, value }) => [key, value])),
    ]),
  );
}

describe('edits', () => {
  it('go to their place in what "postconf -n" prints, which is sorted', () => {
    expect(parameterSet('a = 1\nc = 3\n', 'b', '2')).toBe('a = 1\nb = 2\nc = 3\n');
    expect(parameterSet('c = 3\na = 1\n', 'b', '2')).toBe('c = 3\na = 1\nb = 2\n');
    expect(parameterSet('a = 1\n', 'a', '')).toBe('a =\n');
    expect(parameterSet('ab = 1\n', 'a', '2')).toBe('a = 2\nab = 1\n');
  });

  it('leave other services alone, and a service that is not there', () => {
    expect(withOverride(masterCf, { kind: 'parameter', name: 'x', value: 'y', service: 'nowhere/inet' })).toBe(
      masterCf,
    );
    const after = overrides(
      withOverride(masterCf, { kind: 'parameter', name: 'x', value: 'y', service: 'submission/inet' }),
    );
    expect(after).toEqual({ ...overrides(masterCf), submission: { ...overrides(masterCf).submission, x: 'y' } });
  });

  it('are words where no command makes them', () => {
    const table: Edit = { kind: 'table', spec: 'hash:/etc/postfix/map', path: '/etc/postfix/map', text: '' };
    expect(commandsOf([table, setTo('a', 'b', 'smtp/inet')], release('2.10'))).toEqual([
      '# edit /etc/postfix/map as the diff shows',
      'postmap hash:/etc/postfix/map',
      '# in master.cf, service smtp/inet: -o a=b',
    ]);
    expect(commandsOf([{ ...table, spec: 'texthash:/etc/postfix/map' }], release('3.7'))).toHaveLength(1);
  });
});

describe.skipIf(needs('postconf'))('the commands of edits', () => {
  it('do to the files what the diff shows', () => {
    const folder = mkdtempSync(join(tmpdir(), 'certrelay-edit-'));
    try {
      writeFileSync(join(folder, 'main.cf'), mainCf);
      writeFileSync(join(folder, 'master.cf'), masterCf);
      let [main, master] = [mainCf, masterCf];
      for (const edit of edits) {
        if (edit.kind === 'table') continue;
        if (edit.service === undefined) main = parameterSet(main, edit.name, edit.value);
        else master = withOverride(master, edit);
      }
      const commands = commandsOf(edits, release('3.7')).map((command) =>
        command.replace(/^postconf/, `postconf -c '${folder}'`),
      );
      execFileSync('sh', ['-eu'], {
        input: commands.join('\n'),
        stdio: ['pipe', 'pipe', 'pipe'],
        env: { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin` },
      });
      // postconf leaves a blank behind the equals sign of an empty value.
      expect(readFileSync(join(folder, 'main.cf'), 'utf8').replace(/ $/gm, '')).toBe(main);
      // Its layout of master.cf is its own.
      expect(overrides(readFileSync(join(folder, 'master.cf'), 'utf8'))).toEqual(overrides(master));
      expect(overrides(master).submission).toEqual({
        smtpd_tls_security_level: 'encrypt',
        smtpd_relay_restrictions: 'permit_tls_clientcerts,reject',
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
