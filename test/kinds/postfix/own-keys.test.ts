import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import type { SetUp } from './lab/certrelay.ts';
import { client, type Lab, labNeeds, openLab, server } from './lab/lab.ts';

const hosts = ['--server', server, '--client', 'spare.example.com', '--os', 'debian12', '--client-os', 'debian12'];
const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', `/CN=${client}`];

/** Keys that certrelay never has: of a host that sent a request, and of one whose certificates somebody else issues. */
describe.skipIf(needs(...labNeeds))('keys that are the hosts own', () => {
  let lab: Lab;
  let setUp: SetUp;

  const openssl = (...args: readonly string[]) =>
    execFileSync('openssl', args, { cwd: lab.certrelay.folder, stdio: 'pipe' });
  const desk = (...path: readonly string[]) => join(lab.certrelay.folder, ...path);
  const certrelay = (...args: readonly string[]) => {
    const { status, stdout, stderr } = lab.certrelay.run(...args, '--out', setUp.out);
    if (status !== 0) throw new Error(`exit ${status} of ${args.join(' ')}\n${stdout}${stderr}`);
    return stdout;
  };
  /** Key and certificate in one file beside what was copied, as the documents say. */
  const put = (key: string, certificate: string) => {
    const text = readFileSync(key, 'utf8') + readFileSync(certificate, 'utf8');
    writeFileSync(setUp.path(client, `${client}.pem`), text, { mode: 0o600 });
    return text;
  };

  beforeAll(async () => {
    lab = await openLab({ [server]: {}, [client]: {} });
    setUp = lab.certrelay.init('out', ...hosts);
  });

  afterAll(() => lab?.close());

  it('install.sh says what is missing, and the host relays with a certificate for its request', async () => {
    openssl('req', ...ec, '-keyout', 'host.key', '-out', 'host.csr');
    certrelay('add', client, '--csr', desk('host.csr'));
    await lab.install(setUp, server);
    const without = await setUp.install(client, lab.host(client).machine);
    expect([without.status, without.stderr]).toEqual([
      2,
      expect.stringContaining(`cat KEY CERTIFICATE >${client}.pem`),
    ]);
    put(desk('host.key'), setUp.path(client, `${client}.crt`));
    await lab.install(setUp, client);
    expect((await lab.relays(client, 'with a request')).text).toMatch(/ESMTPS/);
  });

  it('a place that is followed: the renewed certificate relays before the old one goes, and after', async () => {
    const renew = () =>
      openssl('req', '-x509', ...ec, '-days', '90', '-keyout', 'own.key', '-out', join('live', 'cert.pem'));
    mkdirSync(desk('live'));
    renew();
    certrelay('remove', client, '--yes');
    certrelay('add', client, '--cert', desk('live'), '--follow', '--overlap', '1s');
    put(desk('own.key'), desk('live', 'cert.pem'));
    await lab.install(setUp);
    await lab.relays(client, 'from elsewhere');

    renew();
    certrelay('rotate', '--due', '--yes');
    await lab.install(setUp, server);
    await lab.relays(client, 'still with the old one');
    // What the hook of an ACME client does on the host.
    const place = lab.host(client).machine.path(`/etc/postfix/certrelay/${client}.pem`);
    writeFileSync(place, put(desk('own.key'), desk('live', 'cert.pem')), { mode: 0o600 });
    await lab.host(client).machine.run(['postfix', 'reload']);
    await lab.relays(client, 'with the new one');

    const listed = () => setUp.read(server, 'relay_clientcerts').match(new RegExp(`^[0-9A-F:]+ ${client}$`, 'gm'));
    expect(listed()).toHaveLength(2);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    certrelay('rotate', '--deployed', client, '--yes');
    expect(listed()).toHaveLength(1);
    await lab.install(setUp, server);
    await lab.relays(client, 'the old one is gone');
    // Copied again as it is made, the folder lacks the key, and the host has it.
    rmSync(setUp.path(client, `${client}.pem`));
    const again = await setUp.install(client, lab.host(client).machine);
    expect([again.status, again.stderr]).toEqual([
      2,
      expect.stringContaining(`cp -p /etc/postfix/certrelay/${client}.pem .`),
    ]);
  });
});
