import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { workplace } from '../../setup/workplace.ts';

const shell = workplace();
const { at } = shell;
const hosts = ['--server', 'server.example.com', '--client', 'client.example.com', '--postfix', '3.7', '--yes'];
const ofServer = (file: string) => at(`out/hosts/server.example.com/${file}`);
const text = (path: string) => readFileSync(path, 'utf8');

async function init(...more: readonly string[]) {
  return shell.certrelay('init', ...hosts, '--out', 'out', ...more);
}

async function anew(...more: readonly string[]) {
  rmSync(at('out'), { recursive: true, force: true });
  return init('--dedicated-port', '2525', ...more);
}

const rowsOf = (stdout: string) =>
  new Map(
    [...stdout.matchAll(/^ {2}(met|broken|unknown) +(\S.*?)(?: \(\d+\))? {2,}/gm)].map(([, how, row]) => [row, how]),
  );
const others = 'everybody on the other services (smtp), on every path';

describe('the former name of --dedicated-port', () => {
  const note = (where: string) => `note: ${where} is now called `;

  it('does the same, with a note on standard error that --quiet leaves out', async () => {
    await anew();
    const { stdout, stderr, status } = await init('--service', '2525');
    expect([status, stderr]).toEqual([0, expect.stringContaining(`${note('--service')}--dedicated-port; `)]);
    expect(stderr.match(/\n/g)).toHaveLength(1);
    expect(stdout).toMatch(/^nothing changed/);
    expect((await init('--service=2525', '--quiet')).stderr).toBe('');
    expect((await init('--dedicated-port', '2525')).stderr).toBe('');
  });

  it('is refused beside the present one', async () => {
    const { status, stderr } = await init('--service', '2525', '--dedicated-port', '2626');
    expect([status, stderr]).toEqual([2, expect.stringContaining('--dedicated-port')]);
  });

  it.each([
    ['YAML', 'service: 2525\n', 'dedicated-port: 2525\n'],
    ['JSON', '{"service": 2525}', '{"dedicated-port": 2525}'],
  ])('is read in a config file, %s, with the same note', async (_, former, present) => {
    await anew();
    writeFileSync(at('answers'), former);
    const old = await init('--config', 'answers');
    expect(old.stderr).toContain(
      `${note('"answers": service').replace('"answers"', JSON.stringify(at('answers')))}dedicated-port`,
    );
    expect(old.stdout).toMatch(/^nothing changed/);
    writeFileSync(at('answers'), present);
    expect(await init('--config', 'answers')).toMatchObject({ status: 0, stderr: '' });
    writeFileSync(at('answers'), '{"service": 2525, "dedicated-port": 2525}');
    expect(await init('--config', 'answers')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('take service out'),
    });
  });

  it('is in no help, completion or manual page of init', async () => {
    const shown = await shell.certrelay('init', '--help');
    expect(shown.stdout).toContain('--dedicated-port <port>');
    expect(shown.stdout).not.toContain('--service');
    const { stdout } = await shell.certrelay('man');
    expect(stdout.replaceAll('\\-', '-')).toContain('--dedicated-port');
    expect((await shell.certrelay('completion', 'bash')).stdout).toContain('--dedicated-port');
  });

  it('stays the name of the stored setting', async () => {
    await anew();
    expect(JSON.parse(text(at('out/inventory.json'))).settings).toMatchObject({ service: 2525 });
  });
});

describe('a dedicated service', () => {
  it('says everything in master.cf, and nothing in main.cf', async () => {
    expect((await anew()).status).toBe(0);
    expect(text(ofServer('main.cf'))).not.toMatch(/^[^#\n]/m);
    expect(text(ofServer('master.cf'))).toMatch(/^2525 inet n - n - - smtpd\n( {2}-o \S+\n)+$/m);
    expect(text(ofServer('install.sh'))).toMatch(/^relay_port='2525'$/m);
    expect(text(at('out/hosts/client.example.com/main.cf'))).toContain('relayhost = [server.example.com]:2525\n');
    expect((await init('--dedicated-port', '2525')).stdout).toMatch(/^nothing changed/);
  });

  it('is proved by itself, and the others beside it', async () => {
    const rows = rowsOf((await anew()).stdout);
    expect([...rows.values()].every((how) => how === 'met')).toBe(true);
    expect([...rows.keys()]).toEqual(
      expect.arrayContaining([
        'listed certificate',
        'anybody else, on every path',
        'mail to a local recipient',
        others,
      ]),
    );
  });

  it('stays shut, and the others as they are, whatever the host has: networks, logins, an open relay', async () => {
    const { certrelay } = shell;
    for (const lines of [
      'mynetworks = 0.0.0.0/0\n',
      'smtpd_sasl_auth_enable = yes\nsmtpd_recipient_restrictions = permit_sasl_authenticated, reject\n',
      'smtpd_relay_restrictions = permit\n',
      'smtpd_tls_req_ccert = yes\nsmtpd_tls_security_level = encrypt\n',
      'smtpd_client_restrictions = reject\nsmtpd_data_restrictions = reject\nsmtpd_delay_reject = no\n',
      'relay_clientcerts = inline:{{5A:5A = x}}\nsmtpd_relay_restrictions = permit_tls_clientcerts, reject\n',
    ]) {
      writeFileSync(at('base'), `compatibility_level = 3.7\n${lines}`);
      await anew();
      const { status, stdout } = await certrelay('verify', '--main-cf', 'base', '--out', 'out');
      expect([lines, status, rowsOf(stdout).get(others)], stdout).toEqual([lines, 0, 'met']);
      // Nobody is broken off in a handshake: who shows nothing hears why.
      expect(stdout).toMatch(/met +TLS without a certificate \(2\) +refused +4(?:50|54) /);
    }
  });

  it('is compared with every service of a given master.cf', async () => {
    await anew();
    writeFileSync(at('base'), 'compatibility_level = 3.7\n');
    writeFileSync(
      at('master'),
      [
        'smtp inet n - y - - smtpd',
        'submission inet n - y - - smtpd -o smtpd_tls_security_level=encrypt',
        '2525 inet n - n - - smtpd -o syslog_name=earlier',
        '',
      ].join('\n'),
    );
    const given = ['--main-cf', 'base', '--master-cf', 'master', '--out', 'out'];
    const { status, stdout } = await shell.certrelay('verify', ...given);
    expect([status, stdout]).toEqual([0, expect.stringContaining('other services (smtp, submission), on every path')]);
  });

  it('that somebody opened is found out', async () => {
    await anew();
    const file = ofServer('master.cf');
    const made = text(file);
    const verify = async (change: (made: string) => string) => {
      writeFileSync(file, change(made));
      const { status, stdout } = await shell.certrelay('verify', '--out', 'out');
      return { status, rows: rowsOf(stdout) };
    };
    const opened = await verify((master) => master.replace('permit_tls_clientcerts', 'permit_tls_all_clientcerts'));
    expect([opened.status, opened.rows.get('anybody else, on every path')]).toEqual([3, 'broken']);
    const unasked = await verify((master) => master.replace('ask_ccert=yes', 'ask_ccert=no'));
    expect([unasked.status, unasked.rows.get('listed certificate')]).toEqual([3, 'broken']);
    const local = await verify((master) =>
      master.replace(',defer_unauth_destination,defer', ',defer_unauth_destination'),
    );
    expect([local.status, local.rows.get('mail to a local recipient')]).toEqual([3, 'broken']);
    const tickets = await verify((master) => master.replace(/^ +-o tls_ssl_options=NO_TICKET\n/m, ''));
    expect([tickets.status, tickets.rows.get('session tickets for other services')]).toEqual([3, 'broken']);
    const otherwise = await verify((master) =>
      master.replace('tls_ssl_options=NO_TICKET', 'tls_session_ticket_cipher='),
    );
    expect([otherwise.status, otherwise.rows.get('session tickets for other services')]).toEqual([0, 'met']);
  });

  it('whose main.cf somebody changed is found out by the other services', async () => {
    await anew();
    const main = text(ofServer('main.cf'));
    writeFileSync(ofServer('main.cf'), `${main}smtpd_tls_security_level = encrypt\n`);
    const { status, stdout } = await shell.certrelay('verify', '--out', 'out');
    expect([status, rowsOf(stdout).get(others)]).toEqual([3, 'broken']);
    expect((await shell.certrelay('render', '--out', 'out')).status).toBe(0);
    expect((await shell.certrelay('verify', '--out', 'out')).status).toBe(0);
  });

  it('goes through a rotation with its gate, and knows the digest that it says itself', async () => {
    await anew();
    for (const argv of [
      ['rotate', 'client.example.com'],
      ['rotate', '--deployed', 'server.example.com'],
      ['rotate', '--deployed', 'client.example.com'],
      ['add', 'second.example.com'],
      ['rotate', '--digest', 'sha256', '--overlap', '1s'],
      ['remove', 'second.example.com', '--yes'],
    ]) {
      const { status, stdout, stderr } = await shell.certrelay(...argv, '--out', 'out');
      expect([argv, status], `${stdout}${stderr}`).toEqual([argv, 0]);
    }
    expect(text(ofServer('relay_clientcerts')).match(/^[0-9A-F:]{59} client\.example\.com$/gm)).not.toBeNull();
    expect((await shell.certrelay('verify', '--out', 'out')).status).toBe(0);
  });

  it('is what audit and status look at', async () => {
    await anew();
    const audited = await shell.certrelay('audit', '--out', 'out', '--json');
    const { service, ways, findings } = JSON.parse(audited.stdout);
    // By the certificate's fingerprint, or by its key's.
    const by = ways.map((way: { by: { restriction: string } }) => way.by.restriction);
    expect([audited.status, service, findings, by]).toEqual([0, '2525', [], Array(2).fill('permit_tls_clientcerts')]);
    await shell.certrelay('status', '--out', 'out', '--quiet', '--metrics', at('prom'));
    expect(text(at('prom'))).toContain(
      'certrelay_policy_permits{client="client.example.com",service="server.example.com:2525"} 1',
    );
    rmSync(ofServer('master.cf'));
    expect((await shell.certrelay('status', '--out', 'out')).stdout).toContain('master.cf');
  });

  it('is taken back whole', async () => {
    rmSync(at('out'), { recursive: true, force: true });
    await init();
    const without = readdirSync(at('out/hosts/server.example.com')).sort();
    expect((await init('--dedicated-port', '2525')).status).toBe(0);
    expect(existsSync(ofServer('master.cf'))).toBe(true);
    expect((await init('--dedicated-port', 'off')).status).toBe(0);
    expect(readdirSync(at('out/hosts/server.example.com')).sort()).toEqual(without);
    expect(existsSync(at('out/hosts/client.example.com/master.cf'))).toBe(false);
    expect(text(ofServer('main.cf'))).toContain('smtpd_tls_ask_ccert = yes\n');
  });

  it('leaves a transport of the host that has other reasons', async () => {
    rmSync(at('out'), { recursive: true, force: true });
    writeFileSync(at('base'), 'compatibility_level = 3.7\ntransport_maps = hash:/etc/postfix/transport\n');
    const both = ['--client', 'relay.example.com', '--server', 'relay.example.com', '--base-main-cf', 'base'];
    expect((await init(...both, '--dedicated-port', '2525')).status).toBe(0);
    expect(text(at('out/hosts/relay.example.com/master.cf'))).toMatch(/^2525 inet[\s\S]*^certrelay unix/m);
    expect((await init('--dedicated-port', 'off')).status).toBe(0);
    expect(text(at('out/hosts/relay.example.com/master.cf'))).not.toMatch(/^2525/m);
    expect(text(at('out/hosts/relay.example.com/master.cf'))).toMatch(/^certrelay unix/m);
  });
});
