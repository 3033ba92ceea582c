import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { client, type Lab, labNeeds, openLab, server } from './lab/lab.ts';

const hosts = ['--server', server, '--client', client, '--os', 'debian12', '--client-os', 'debian12'];

/** What a postmaster has in master.cf for the port, as `postconf` commands. */
const ports: readonly (readonly [port: string, services: string])[] = [
  ['587', "postconf -M 'submission/inet=submission inet n - y - - smtpd -o smtpd_tls_security_level=encrypt'"],
  ['465', "postconf -M 'submissions/inet=submissions inet n - y - - smtpd -o smtpd_tls_wrappermode=yes'"],
  ['2525', "postconf -M '2525/inet=2525 inet n - y - - smtpd'"],
  [
    '25',
    `postconf -M 'smtp/inet=smtp inet n - y - 1 postscreen' 'smtpd/pass=smtpd pass - - y - - smtpd' \\
       'tlsproxy/unix=tlsproxy unix - - y - 0 tlsproxy' 'dnsblog/unix=dnsblog unix - - y - 0 dnsblog'`,
  ],
];

describe.skipIf(needs(...labNeeds))('ports', () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await openLab({ [server]: {}, [client]: {} });
  });

  afterAll(() => lab?.close());

  it.each(ports)('relays by port %s', async (port, services) => {
    await lab.host(server).machine.script(services);
    if (await lab.host(server).runs()) await lab.host(server).machine.must('postfix', 'reload');
    await lab.install(lab.certrelay.init(`port ${port}`, ...hosts, '--relay-port', port));
    await lab.relays(client, `by port ${port}`);
    const line = await lab
      .host(client)
      .logged(new RegExp(`relay=server\\.example\\.com\\[192\\.0\\.2\\.1\\]:${port}, .*status=sent`));
    expect(line).toContain('dsn=2.0.0');
  });
});
