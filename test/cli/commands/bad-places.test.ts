// biome-ignore-all lint/suspicious/noTemplateCurlyInString: main.cf writes ${name}
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { workplace } from '../../setup/workplace.ts';

const shell = workplace();

interface Case {
  readonly what: string;
  readonly files: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly status: number;
  /** Standard output and standard error together. */
  readonly says: readonly string[];
}

const fine =
  'mydestination = localhost\nlocal_recipient_maps =\nmyhostname = mx.example.com\nmynetworks = 127.0.0.0/8\n';
const tables = 'check_sender_access hash:/t, check_sender_access cidr:/c, check_sender_access regexp:/r';

const cases: readonly Case[] = [
  {
    what: 'a line of main.cf that is none',
    files: { 'main.cf': `${fine}this is bad\n` },
    status: 3,
    says: ['fatal: main.cf, line 5: missing \'=\' after attribute name: "this is bad"', 'set at main.cf:5:1'],
  },
  {
    what: 'a value that cannot be expanded',
    files: { 'main.cf': `${fine}smtpd_banner = \${x\n` },
    status: 3,
    says: ['truncated macro reference: "${x"', 'macro processing error', 'set at main.cf:5:1'],
  },
  {
    what: 'a value that a parameter does not take',
    files: { 'main.cf': `${fine}\nsmtpd_delay_reject = maybe\n` },
    status: 3,
    says: ['bad boolean configuration: smtpd_delay_reject = maybe', 'set at main.cf:6:1'],
  },
  {
    what: 'an option of master.cf that is none',
    files: { 'main.cf': fine, 'master.cf': '\nsmtp inet n - n - - smtpd\n  -o foo\n' },
    args: ['--master-cf', 'master.cf'],
    status: 3,
    says: ['invalid "-o foo" option value', 'set at master.cf:2:1'],
  },
  {
    what: 'a line of master.cf that is too short',
    files: { 'main.cf': fine, 'master.cf': '# x\nsmtp inet n\n' },
    args: ['--master-cf', 'master.cf'],
    status: 2,
    says: ['master.cf:2:1: master.cf: line 2: missing "unprivileged" field'],
  },
  {
    what: 'lines of tables that are passed over',
    files: {
      'main.cf': `${fine}smtpd_recipient_restrictions = ${tables}, reject_unauth_destination\n`,
      t: 'key\n',
      c: '192.0.2.0/24 OK\n10.0.0.1/8 REJECT\n',
      r: '\n/a REJECT\n/[/ x\n',
    },
    args: ['--table', '/t=t', '/c=c', '/r=r'],
    status: 4,
    says: [
      '/t, line 1: expected format: key whitespace value',
      'cidr map /c, line 2: non-null host address bits in "10.0.0.1/8"',
      'regexp map /r, line 2: no closing regexp delimiter "/"',
      'regexp:/r cannot be asked: line 3 of /r',
    ],
  },
  {
    what: 'a session file that is no JSON',
    files: { 'main.cf': fine, 's.json': '{"client":{"address":"192.0.2.1"},\n "helo": x}' },
    args: ['--session', 's.json'],
    status: 2,
    says: ['s.json:2:10: the session is not valid JSON'],
  },
  {
    what: 'a session file that is cut off',
    files: { 'main.cf': fine, 's.json': '{"client":{"address":' },
    args: ['--session', 's.json'],
    status: 2,
    says: ['s.json:1:22: the session ends in the middle'],
  },
  {
    what: 'a session file with a field that is wrong',
    files: { 'main.cf': fine, 's.json': '{"client":{"address":"192.0.2.1"},"sasl":7}' },
    args: ['--session', 's.json'],
    status: 2,
    says: ['"s.json": "session.sasl" is a number'],
  },
];

const who = ['--client-address', '192.0.2.1', '--from', 'a@b.example', '--to', 'c@d.example', '--postfix', '3.7'];

describe('what is wrong with an input has a place', () => {
  it.each(cases)('$what', async ({ files, args = [], status, says }) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(shell.folder, name), text);
    const done = await shell.run(['simulate', '--main-cf', 'main.cf', ...who, ...args], {});
    const said = `${done.stdout}${done.stderr}`;
    for (const each of says) expect(said).toContain(each);
    expect(done.status).toBe(status);
  });

  it('lines of a batch are numbered as the file has them', async () => {
    const right = { postfix: '3.7', mainCf: fine, session: { client: { address: '192.0.2.1' } } };
    const lines = [JSON.stringify(right), '', '{"id":2,', JSON.stringify({ ...right, id: 3, postfix: '9.9' })];
    const done = await shell.run(['simulate', '--batch', '-'], { input: lines.join('\n') });
    const [first, second, third] = done.stdout.trim().split('\n');
    expect(JSON.parse(first ?? '')).not.toHaveProperty('error');
    expect(JSON.parse(second ?? '')).toMatchObject({ error: { code: 'scenario-json', line: 3, column: 9 } });
    expect(JSON.parse(third ?? '')).toMatchObject({ id: 3, error: { code: 'version-unknown', line: 4 } });
    expect(done.status).toBe(2);
  });
});
