import { mkdirSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { workplace } from '../../setup/workplace.ts';

const shell = workplace();
const { at } = shell;
const common = [
  ...['compatibility_level = 3.6', 'myhostname = mx.lab.test', 'mydestination = lab.test', 'local_recipient_maps ='],
  ...['relay_clientcerts = hash:/etc/postfix/certrelay/certs', 'smtpd_tls_ask_ccert = yes', 'smtpd_tls_loglevel = 1'],
  ...['smtpd_tls_security_level = may', 'smtpd_tls_cert_file = /s.pem', 'smtpd_tls_fingerprint_digest = sha1'],
];
const certificate = (pair: string) => Array(20).fill(pair).join(':');

/** A folder as it is on a host. */
function folder(name: string, lines: readonly string[], listed: readonly string[]) {
  mkdirSync(at(`${name}/certrelay`), { recursive: true });
  writeFileSync(at(`${name}/main.cf`), `${[...common, ...lines].join('\n')}\n`);
  writeFileSync(at(`${name}/certrelay/certs`), listed.map((pair) => `${certificate(pair)} ${pair}\n`).join(''));
}

const relay = 'smtpd_relay_restrictions = permit_mynetworks, permit_tls_clientcerts, ';

beforeAll(() => {
  folder('old', ['mynetworks = 127.0.0.0/8', `${relay}defer_unauth_destination`], ['11', '22']);
  folder('new', ['mynetworks = 127.0.0.0/8', `${relay}defer_unauth_destination`], ['22', '33']);
  folder('wide', ['mynetworks = 127.0.0.0/8 192.0.2.0/24', `${relay}reject_unauth_destination`], ['11', '22']);
});

async function compared(...args: readonly string[]) {
  const ran = await shell.certrelay('compare', ...args, '--json');
  return { status: ran.status, document: JSON.parse(ran.stdout) };
}

describe('certrelay compare', () => {
  it('of a configuration with itself is the same', async () => {
    const { status, document } = await compared('old', 'old', '--postfix', '3.7');
    expect([status, document.same, document.changes]).toEqual([0, true, []]);
    expect((await shell.certrelay('compare', 'old', 'old', '--postfix', '3.7')).stdout).toMatch(/^the same: /);
  });

  it('names the certificate that came and the one that went', async () => {
    const { status, document } = await compared('old', 'new', '--postfix', '3.7', '--for', 'relay');
    expect(status).toBe(5);
    const words = (kind: string) =>
      document.changes
        .filter((change: { kind: string }) => change.kind === kind)
        .flatMap(({ conditions }: { conditions: readonly { words: string }[] }) => conditions.map((each) => each.words))
        .join('; ');
    expect(words('newly permitted')).toContain(certificate('33'));
    expect(words('newly permitted')).not.toContain(certificate('11'));
    expect(words('no longer permitted')).toContain(certificate('11'));
    expect(words('no longer permitted')).not.toContain(certificate('33'));
  });

  it('tells a network that came, and a reply that changed, each with a session', async () => {
    const { document } = await compared('old', 'wide', '--postfix', '3.7', '--for', 'relay');
    const [network] = document.changes.filter(({ kind }: { kind: string }) => kind === 'newly permitted');
    expect(network.conditions).toContainEqual({
      line: 'client address',
      words: '192.0.2.0/24',
      listed: 1,
      open: false,
    });
    expect(network.witness).toMatchObject({ confirmed: ['simulated', 'simulated'] });
    const [reply] = document.changes.filter(({ kind }: { kind: string }) => kind === 'reply changed');
    expect([reply.before.code, reply.after.code]).toEqual([454, 554]);
    expect(reply.after.by).toMatchObject({
      list: 'smtpd_relay_restrictions',
      restriction: 'reject_unauth_destination',
    });
    expect(document.changes.filter(({ kind }: { kind: string }) => kind === 'no longer permitted')).toEqual([]);
  });

  it('of one file under two releases is what an upgrade does', async () => {
    writeFileSync(
      at('main.cf'),
      `${[...common.slice(1), 'mynetworks = 127.0.0.0/8', 'smtpd_recipient_restrictions = permit_tls_clientcerts, reject_unauth_destination'].join('\n')}\n`,
    );
    const table = `/etc/postfix/certrelay/certs=${at('old/certrelay/certs')}`;
    const { status, document } = await compared(
      ...['main.cf', 'main.cf', '--old-postfix', '2.9', '--new-postfix', '2.10', '--table', table, '--for', 'relay'],
    );
    expect(status).toBe(5);
    const lost = document.changes.filter(({ kind }: { kind: string }) => kind === 'no longer permitted');
    expect(lost.length).toBeGreaterThan(0);
    expect(lost[0].after.by).toMatchObject({ list: 'smtpd_relay_restrictions', default: true });
  });

  it('a side that does not start is said once, and first', async () => {
    folder('dead', ['mynetworks = 127.0.0.0/8', 'smtpd_relay_restrictions = permit'], ['11']);
    const { stdout, status } = await shell.certrelay('compare', 'old', 'dead', '--postfix', '3.7', '--for', 'relay');
    expect(status).toBe(5);
    expect(stdout.split('\n')[1]).toMatch(/^with dead the server does not start: fatal: /);
  });

  it('a limit leaves it open whether they are the same', async () => {
    const { stdout, status } = await shell.certrelay('compare', 'old', 'old', '--postfix', '3.7', '--limit', '2');
    expect(status).toBe(4);
    expect(stdout).toMatch(/^limited to 2 paths/);
  });

  it('a folder without main.cf is a mistake', async () => {
    mkdirSync(at('empty'), { recursive: true });
    expect(await shell.certrelay('compare', 'old', 'empty')).toMatchObject({ status: 2 });
    expect(await shell.certrelay('compare', 'old')).toMatchObject({ status: 2 });
  });
});
