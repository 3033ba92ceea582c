import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { program } from '../../setup/program.ts';
import { workplace } from '../../setup/workplace.ts';

const shell = workplace();
const built = program();
const caseFolder = fileURLToPath(new URL('../../fixtures/case', import.meta.url));
const { at } = shell;
const fingerprint = '12:34:56:78:90:AB:CD:EF:FE:DC:BA:09:87:65:43:21:C0:DE:BE:EF';
const own = 'permit_mynetworks, permit_tls_clientcerts, reject_unauth_destination';

/** A server with these lines of its own, in a folder with the tables that it names. */
async function audited(lines: readonly string[], tables: Readonly<Record<string, string>>, ...more: readonly string[]) {
  mkdirSync(at('server'), { recursive: true });
  const settings = [
    ...['compatibility_level = 3.6', 'myhostname = mx.lab.test', 'mydestination = lab.test', 'local_recipient_maps ='],
    ...['mynetworks = 127.0.0.0/8', 'relay_clientcerts = hash:/etc/postfix/certs', 'smtpd_tls_ask_ccert = yes'],
    ...['smtpd_tls_security_level = may', 'smtpd_tls_cert_file = /s.pem', 'smtpd_tls_fingerprint_digest = sha1'],
    ...['smtpd_tls_loglevel = 1'],
  ];
  const name = (line: string) => line.split(' ')[0];
  const kept = settings.filter((line) => !lines.some((each) => name(each) === name(line)));
  writeFileSync(at('server/main.cf'), `${[...kept, ...lines].join('\n')}\n`);
  for (const [path, text] of Object.entries({ certs: `${fingerprint} client\n`, ...tables }))
    writeFileSync(at(`server/${path}`), text);
  const args = ['--main-cf', 'server/main.cf', ...(more.includes('--postfix') ? [] : ['--postfix', '3.7']), ...more];
  const shown = await shell.certrelay('audit', ...args, '--json');
  return { document: JSON.parse(shown.stdout), status: shown.status, args };
}

const relay = (list: string) => `smtpd_relay_restrictions = ${list}`;

describe('certrelay audit', () => {
  it('of the case: the certificate is no way in, for the relay list does not know it', async () => {
    for (const file of ['server.postconf', 'relay_clientcerts']) copyFileSync(join(caseFolder, file), at(file));
    const { status, stdout } = await shell.certrelay('audit', '--main-cf', 'server.postconf');
    expect(status).toBe(5);
    expect(stdout).toMatch(/^not an open relay; one way to relay\nserver\.postconf, service smtp, Postfix 2\.10\.1 /);
    expect(stdout).toContain('client address in mynetworks (1 entry)');
    expect(stdout).toContain('by smtpd_relay_restrictions[0] permit_mynetworks, a default');
    expect(stdout).toContain('[relay-list-default]');
  });

  it('an open relay is one though a table of its own domains was not given', async () => {
    const list = 'permit_mynetworks, check_helo_access inline:{{letmein=OK}}, reject_unauth_destination';
    for (const parameter of ['virtual_alias_maps', 'virtual_mailbox_domains', 'relay_domains', 'transport_maps']) {
      const { document, status } = await audited([`${parameter} = hash:/etc/postfix/table`, relay(list)], {});
      expect([parameter, status, document.relay]).toEqual([parameter, 5, 'open']);
      expect(document.problems).toMatchObject([{ code: 'table-not-given' }]);
      expect(document.ways.map(({ title }: { title: string }) => title)).toContain('client address in mynetworks');
    }
  });

  it('a server whose domains are in a database is no open relay', async () => {
    const lines = ['virtual_mailbox_domains = mysql:/domains.cf', 'virtual_mailbox_maps = mysql:/mailboxes.cf'];
    const { document, status } = await audited([...lines, relay(own)], {});
    expect([status, document.relay, document.findings]).toEqual([0, 'closed', []]);
  });

  it('of the case repaired: the listed certificate gets in, and the command beside it shows that', async () => {
    const list = 'permit_mynetworks, permit_tls_clientcerts, defer_unauth_destination';
    const { document, status } = await audited([relay(list)], {});
    expect([status, document.relay]).toEqual([0, 'closed']);
    const way = document.ways.find(({ title }: { title: string }) => /^TLS client certificate listed/.test(title));
    expect(way).toMatchObject({ entries: 1, by: { list: 'smtpd_relay_restrictions', index: 1 }, anybody: 'no' });
    expect(way.by.where).toMatchObject({ file: 'server/main.cf', line: 12 });
    expect(way.witness.session.tls.certificate.fingerprint).toEqual({ sha1: fingerprint });
  });

  it.each([
    ['the world is a network', ['mynetworks = 0.0.0.0/0', relay(own)], {}, '3.7'],
    ['half of the world is one', ['mynetworks = 0.0.0.0/1 128.0.0.0/1', relay(own)], {}, '3.7'],
    ['a list lets everybody by', [relay('check_client_access static:OK, reject')], {}, '3.7'],
    [
      'a class lets a HELO name by that anybody may claim',
      [
        'smtpd_restriction_classes = friends',
        'friends = check_helo_access hash:/etc/postfix/helo',
        relay('friends, reject'),
      ],
      { helo: 'friend.test OK\n' },
      '3.7',
    ],
    [
      'a sender may be claimed',
      [relay('check_sender_access hash:/etc/postfix/senders, reject')],
      { senders: 'boss.test OK\n' },
      '3.11',
    ],
    [
      'the recipient list of 2.9 permits first',
      ['smtpd_recipient_restrictions = check_helo_access static:OK, reject_unauth_destination'],
      {},
      '2.9',
    ],
  ])('open: %s', async (_, lines, tables, version) => {
    const { document, status } = await audited(lines, tables, '--postfix', version);
    expect([status, document.relay]).toEqual([5, 'open']);
    const [first] = document.ways;
    expect([first.anybody, first.witness.confirmed, first.witness.verdict]).toEqual(['yes', 'simulated', 'permit']);
    expect(document.findings.map(({ id }: { id: string }) => id)).toContain('open-relay');
  });

  it.each([
    ['a recipient list of 2.9', ['smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination'], '2.9'],
    ['only to named domains', [relay('check_recipient_access inline:{partner.test=OK}, reject')], '3.7'],
    ['only what a table names', [relay('check_client_access cidr:/etc/postfix/nets, reject')], '3.7'],
  ])('not open: %s', async (_, lines, version) => {
    const { document } = await audited(lines, { nets: '192.0.2.0/24 OK\n' }, '--postfix', version);
    expect(document.relay).toBe('closed');
    expect(document.ways).toHaveLength(1);
  });

  it('a whole subnet in mynetworks is one way, with its network and no more', async () => {
    const { document } = await audited(['mynetworks = 127.0.0.0/8 192.0.2.0/24', relay(own)], {});
    const way = document.ways.find(({ by }: { by: { index: number } }) => by.index === 0);
    expect(way.conditions).toEqual([
      { line: 'client address', words: '127.0.0.0/8, 192.0.2.0/24', listed: 2, open: false },
    ]);
    expect(way.entries).toBe(2);
  });

  it('what hangs on others is named, with whose word it is', async () => {
    const { document, status, args } = await audited([relay('check_policy_service inet:127.0.0.1:10023, reject')], {});
    expect([status, document.relay]).toEqual([5, 'depends']);
    expect(document.ways[0]).toMatchObject({ anybody: 'if others say so' });
    const facts = document.ways[0].assumptions.map(({ supply }: { supply: string }) => supply);
    expect(facts).toContain('policy inet:127.0.0.1:10023 for RCPT <recipient>');
    expect(document.findings[0]).toMatchObject({ id: 'open-relay', severity: 'warning' });
    expect((await shell.certrelay('audit', ...args, '--severity', 'error')).status).toBe(0);
  });

  it("the MX hosts of a sender's domain are the client's to choose", async () => {
    const tables = { mx: 'mx.partner.test DUNNO\n' };
    const list = relay('check_sender_mx_access hash:/etc/postfix/mx, check_client_access static:OK, reject');
    const { document } = await audited([list], tables);
    expect(document.relay).toBe('open');
    const all = document.ways.flatMap(
      ({ assumptions }: { assumptions: readonly { chosenBy: string }[] }) => assumptions,
    );
    expect(all.some(({ chosenBy }: { chosenBy: string }) => chosenBy === 'client')).toBe(true);
  });

  it('a table that was not given is open, said, and lets in nobody who is just anybody', async () => {
    const { document } = await audited(['relay_clientcerts = hash:/etc/postfix/elsewhere', relay(own)], {});
    expect(document.relay).toBe('closed');
    expect(document.problems).toMatchObject([{ code: 'table-not-given' }]);
    expect(document.problems[0].message).toContain('hash:/etc/postfix/elsewhere');
  });

  it.each([
    ['by options', ['smtpd_sasl_auth_enable = yes', relay(`permit_sasl_authenticated, ${own}`)], 4],
    [
      'by standard input, where others have a say',
      [relay('check_sender_mx_access hash:/etc/postfix/mx, check_policy_service inet:127.0.0.1:10023, reject')],
      1,
    ],
  ])('each way has a command that shows it: %s', async (_, lines, ways) => {
    const { document } = await audited(lines, { mx: 'mx.partner.test DUNNO\n' });
    const shown = document.ways.map(({ witness }: { witness: { simulate: string } }) => witness.simulate);
    expect(shown).toHaveLength(ways);
    for (const line of shown) {
      const cli = `'${process.execPath}' '${join(built.folder, 'package/dist/cli.js')}' simulate`;
      const ran = spawnSync('sh', ['-c', line.replaceAll('certrelay simulate', cli)], {
        cwd: shell.folder,
        encoding: 'utf8',
      });
      expect(ran.status, `${line}\n${ran.stdout}${ran.stderr}`).toBe(0);
    }
  });

  it('a limit is the headline', async () => {
    const { args } = await audited([relay(own)], {});
    const { stdout } = await shell.certrelay('audit', ...args, '--limit', '2');
    expect(stdout).toMatch(/^limited to 2 paths, and there are more/);
  });

  it('a server that does not start lets nobody in, and says why', async () => {
    const { document } = await audited([relay('permit')], {});
    expect(document.fatal).toMatch(/specify at least one working instance/);
    expect(document.ways).toEqual([]);
  });

  it('who can send to own recipients, and by which element of a list', async () => {
    const { args, document } = await audited(
      [relay(own), 'smtpd_client_restrictions = check_client_access inline:{10.0.0.1=REJECT}'],
      {},
      '--for',
      'receive',
    );
    expect(document.for).toBe('receive');
    expect((await shell.certrelay('audit', ...args)).stdout).toMatch(
      /^anybody can send to recipients of this server; /,
    );
    const list = await shell.certrelay('audit', ...args.slice(0, -2), '--for', 'smtpd_relay_restrictions', '--json');
    const titles = JSON.parse(list.stdout).ways.map(({ title }: { title: string }) => title);
    expect(titles).toContain('anyone, for no element of smtpd_relay_restrictions refuses');
    expect(await shell.certrelay('audit', ...args.slice(0, -2), '--for', 'nothing')).toMatchObject({ status: 2 });
  });

  it('an element that nothing comes to is a finding; formats for machines have it, too', async () => {
    const { document, args } = await audited(
      [relay('permit_mynetworks, reject_unauth_destination, permit, permit_tls_clientcerts')],
      {},
    );
    expect(document.unreached.map(({ index }: { index: number }) => index)).toEqual([3]);
    const found = document.findings.filter(({ id }: { id: string }) => id === 'element-unreachable');
    expect(found).toHaveLength(1);
    const sarif = JSON.parse((await shell.certrelay('audit', ...args, '--format', 'sarif')).stdout);
    const results = sarif.runs[0].results.map(({ ruleId }: { ruleId: string }) => ruleId);
    expect(results).toContain('element-unreachable');
    expect((await shell.certrelay('audit', ...args, '--format', 'github')).stdout).toMatch(
      /^::warning .*element-unreachable/m,
    );
  });
});

describe('certrelay audit of a set-up', () => {
  beforeAll(async () => {
    await shell.certrelay(
      'init',
      '--server',
      'a.example.com',
      '--client',
      'c.example.com',
      '--os',
      'debian12',
      '--yes',
    );
  });

  it('is what the set-up is for, and nothing is wrong with it', async () => {
    const { status, stdout } = await shell.certrelay('audit');
    expect(stdout).toMatch(/^not an open relay; 3 ways to relay\na\.example\.com over the stock main\.cf of debian12/);
    expect(stdout).toMatch(
      /by smtpd_relay_restrictions\[2\] permit_tls_clientcerts, hosts\/a\.example\.com\/main\.cf:\d+/,
    );
    expect(status, stdout).toBe(0);
  });

  it('a server that is not there, or options of another server, are mistakes', async () => {
    expect(await shell.certrelay('audit', '--server', 'b.example.com')).toMatchObject({ status: 2 });
    expect(await shell.certrelay('audit', '--service', 'smtp')).toMatchObject({ status: 2 });
    expect(await shell.certrelay('audit', '--limit', 'many')).toMatchObject({ status: 2 });
  });
});
