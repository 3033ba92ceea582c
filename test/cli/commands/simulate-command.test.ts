import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { Options } from '../../../src/cli/command.ts';
import { simulate } from '../../../src/cli/commands/simulate.ts';
import { CertrelayError } from '../../../src/lib/problem.ts';
import { heard } from '../../setup/in-process.ts';

const seed = fileURLToPath(new URL('../../fixtures/seed/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'simulate-'));
afterAll(() => rmSync(folder, { recursive: true }));

const fingerprint = '12:34:56:78:90:AB:CD:EF:FE:DC:BA:09:87:65:43:21:C0:DE:BE:EF';
const asked: Options = {
  postfix: '2.10',
  mainCf: 'server.postconf',
  table: ['/etc/postfix/relay_clientcerts=relay_clientcerts'],
  clientAddress: '192.168.1.1',
  clientName: 'client.example.com',
  fingerprint: [`sha1=${fingerprint}`],
  trusted: true,
  from: 'root@client.example.com',
  to: ['myemail@outside.org'],
};

async function run(options: Options, lines: readonly string[] = []) {
  const said = heard({
    ...{ cwd: seed, input: lines.map((line) => `${line}\n`).join('') },
    ...{ now: () => new Date(0), random: (bytes) => new Uint8Array(bytes) },
  });
  try {
    return { code: await simulate.run([], options, said.io, []), out: said.stdout, err: said.stderr };
  } catch (error) {
    if (error instanceof CertrelayError)
      return { code: error.exit, out: said.stdout, err: error.problems.map((problem) => problem.message).join('\n') };
    throw error;
  }
}

/** The server's configuration with some lines replaced or added. */
function changed(name: string, changes: Readonly<Record<string, string>>): string {
  const kept = readFileSync(join(seed, 'server.postconf'), 'utf8')
    .split('\n')
    .filter((line) => !Object.keys(changes).some((key) => line.startsWith(`${key} =`)));
  const path = join(folder, name);
  writeFileSync(
    path,
    `${kept.join('\n')}\n${Object.entries(changes)
      .map(([key, value]) => `${key} = ${value}\n`)
      .join('')}`,
  );
  return path;
}

describe('a relay that was configured for 2.9 and runs 2.10', () => {
  it('is denied by a default that the file does not set', async () => {
    const { code, out } = await run(asked);
    expect(out.split('\n')[0]).toBe('454 4.7.1 <myemail@outside.org>: Relay access denied');
    expect(out).toContain('decided by smtpd_relay_restrictions[2] defer_unauth_destination, a default of Postfix 2.10');
    expect(out).toContain('smtpd_relay_restrictions[0] permit_mynetworks: 192.168.1.1 is not in mynetworks');
    expect(out).toContain('smtpd_recipient_restrictions[0] permit_tls_clientcerts: not reached');
    expect(code).toBe(3);
  });

  it('says so as JSON', async () => {
    const { out } = await run({ ...asked, json: true, trace: true });
    const document = JSON.parse(out);
    expect(document).toMatchObject({ schema: 'certrelay/simulate@1', verdict: 'reject' });
    expect(document.replies.at(-1).decidedBy).toEqual({
      list: 'smtpd_relay_restrictions',
      index: 2,
      restriction: 'defer_unauth_destination',
      default: true,
    });
    expect(document.trace.map((node: { place: { restriction: string } }) => node.place.restriction)).toEqual([
      'permit_mynetworks',
      'permit_sasl_authenticated',
      'defer_unauth_destination',
    ]);
  });

  it.each([
    ['the relay list emptied', { smtpd_relay_restrictions: '' }],
    [
      'the permit in the relay list, too',
      { smtpd_relay_restrictions: 'permit_mynetworks, permit_tls_clientcerts, defer_unauth_destination' },
    ],
    [
      'the client in mynetworks',
      {
        mynetworks: '127.0.0.0/8, 192.168.1.0/24',
        smtpd_recipient_restrictions: 'permit_tls_clientcerts, permit_mynetworks, reject_unauth_destination',
      },
    ],
  ])('is permitted with %s', async (name, changes) => {
    const { code, out } = await run({ ...asked, mainCf: changed(`${name}.cf`, changes) });
    expect(out).toMatch(/^permit: 250 2\.1\.5 for <myemail@outside\.org>\n/);
    expect(code).toBe(0);
  });

  it('is denied with the permit in the relay list only: the recipient list refuses', async () => {
    const mainCf = changed('both.cf', {
      smtpd_relay_restrictions: 'permit_tls_clientcerts, defer_unauth_destination',
      smtpd_recipient_restrictions: 'reject_unauth_destination',
    });
    const { code, out } = await run({ ...asked, mainCf });
    expect(out).toContain('554 5.7.1 <myemail@outside.org>: Relay access denied');
    expect(out).toContain('decided by smtpd_recipient_restrictions[0] reject_unauth_destination, set in ');
    expect(code).toBe(3);
  });
});

describe('a connection that is dropped without a reply', () => {
  const mainCf = () =>
    changed('hangup.cf', {
      smtpd_relay_restrictions: '',
      smtpd_recipient_restrictions:
        'check_recipient_access inline:{{outside.org = HANGUP}}, permit_tls_clientcerts, reject_unauth_destination',
    });

  it('accepts nothing, whatever was answered before', async () => {
    const { code, out } = await run({ ...asked, postfix: '3.7', mainCf: mainCf() });
    expect(out.split('\n')[0]).toBe('reject: the connection ends without a reply');
    expect(code).toBe(3);
    expect((await run({ ...asked, postfix: '3.7', mainCf: mainCf(), expect: '250' })).code).toBe(3);
    expect((await run({ ...asked, postfix: '3.7', mainCf: mainCf(), expect: 'reject' })).code).toBe(0);
  });

  it('leaves earlier recipients accepted, but not the last one', async () => {
    const other = { ...asked, postfix: '3.7', mainCf: mainCf() };
    expect((await run({ ...other, to: ['a@elsewhere.example'] })).code).toBe(0);
    expect((await run({ ...other, to: ['a@elsewhere.example', 'myemail@outside.org'] })).code).toBe(3);
  });
});

describe('what is found or assumed is said', () => {
  it('the table beside main.cf, and the version that main.cf names', async () => {
    const { postfix: _, table: __, ...rest } = asked;
    const { code, err } = await run({ ...rest, mainCf: join(seed, 'server.postconf') });
    expect(err).toContain('Postfix 2.10.1, as ');
    expect(code).toBe(3);
    const permitted = await run({ ...rest, mainCf: 'server.postconf', postfix: '2.9' });
    expect(permitted.err).toMatch(/"\/etc\/postfix\/relay_clientcerts" is read from .*relay_clientcerts/);
    expect(permitted.code).toBe(0);
  });

  it('3.11 where nothing says otherwise', async () => {
    const path = join(folder, 'plain.cf');
    writeFileSync(
      path,
      'mynetworks = 127.0.0.0/8\ncompatibility_level = 3\nmyhostname = mx.example.com\nmydestination = $myhostname\n',
    );
    const { code, err } = await run({ mainCf: path, clientAddress: '192.0.2.1', from: '', to: ['x@far.example'] });
    expect(err).toContain('Postfix 3.11 assumed');
    expect(code).toBe(3);
  });
});

describe('exit codes', () => {
  it.each([
    ['permit', 3],
    ['reject', 0],
    ['454', 0],
    ['554', 3],
  ])('--expect %s gives %i', async (expected, code) => {
    expect((await run({ ...asked, expect: expected })).code).toBe(code);
  });

  it('4 when what decides was not given', async () => {
    const mainCf = changed('open.cf', { smtpd_relay_restrictions: '' });
    const { code, out } = await run({ ...asked, mainCf, fingerprint: [`md5=${fingerprint.slice(0, 47)}`] });
    expect(out).toContain('certificate fingerprint sha1');
    expect(code).toBe(4);
  });

  it('but not when it does not decide', async () => {
    expect((await run({ ...asked, fingerprint: [`md5=${fingerprint.slice(0, 47)}`] })).code).toBe(3);
  });

  it.each([
    ['no main.cf', { mainCf: undefined }, '--main-cf is missing'],
    ['a main.cf that is not there', { mainCf: 'nowhere' }, 'nowhere'],
    ['no client', { clientAddress: undefined }, '--client-address is missing'],
    ['an address that is none', { clientAddress: '1.2.3' }, '"1.2.3" is not an IP address'],
    ['a fingerprint that is none', { fingerprint: ['sha1=xyz'] }, '"xyz" is not a fingerprint'],
    ['a fingerprint without digest', { fingerprint: ['12:34'] }, 'is not ALG=HEX'],
    ['a table without file', { table: ['/etc/x'] }, 'is not PATH=FILE'],
    ['an unknown release', { postfix: '2.8' }, '2.8'],
    ['a line break in an address', { to: ['a@b.c\r\nRCPT TO:<x@y.z>'] }, 'line break'],
    ['an expectation that cannot be', { expect: 'maybe' }, '"maybe"'],
    ['a service without master.cf', { service: 'submission' }, '--master-cf'],
    ['trust in nothing', { fingerprint: undefined }, '--trusted needs a certificate'],
  ])('2 for %s', async (_, options, message) => {
    const { code, err, out } = await run({ ...asked, ...options });
    expect(err).toContain(message);
    expect(out).toBe('');
    expect(code).toBe('usage');
  });
});

describe('a batch', () => {
  const scenario = {
    id: 1,
    postfix: '3.7',
    mainCf: {
      mynetworks: '192.0.2.0/24',
      mydestination: 'localhost',
      smtpd_relay_restrictions: 'permit_mynetworks, reject',
    },
    session: { client: { address: '192.0.2.1' }, mailFrom: 'a@example.com', rcptTo: ['b@far.example'] },
  };

  it('answers line by line, goes on after a bad one, and exits 2 for it', async () => {
    const lines = [JSON.stringify(scenario), '{"id":', '', '[]', '{"id":2}', JSON.stringify({ ...scenario, id: 3 })];
    const { code, out } = await run({ batch: '-' }, lines);
    const answers = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(answers.map((answer) => answer.verdict ?? answer.error.code)).toEqual([
      'permit',
      'scenario-json',
      'scenario-type',
      'scenario-type',
      'permit',
    ]);
    expect(answers.map((answer) => answer.id)).toEqual([1, undefined, undefined, 2, 3]);
    expect(code).toBe(2);
  });

  it('exits 0 when every line was answered, whatever the verdicts', async () => {
    const { code } = await run({ batch: '-' }, [
      JSON.stringify({ ...scenario, session: { ...scenario.session, client: { address: '198.51.100.1' } } }),
    ]);
    expect(code).toBe(0);
  });
});
