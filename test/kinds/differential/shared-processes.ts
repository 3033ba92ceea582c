import { writeFileSync } from 'node:fs';
import { AuthServer } from './auth-server.ts';
import type { CertificatePool } from './certificates.ts';
import { Listener, startDaemon } from './daemon.ts';
import { ground, neutral } from './enclosure.ts';

/** Starts the processes that live with every configuration, and lays out the files that all of them name. */
export async function startSharedProcesses(root: string, folder: string, pool: CertificatePool): Promise<void> {
  writeFileSync(`${neutral}/etc/main.cf`, neutralMainCf);
  writeFileSync(`${neutral}/etc/master.cf`, '');
  // Some insist on the process limit that master.cf has for them: -l is one, -z is none.
  for (const [program, name, args] of [
    ['trivial-rewrite', 'private/rewrite', []],
    ['tlsmgr', 'private/tlsmgr', ['-l']],
    ['cleanup', 'public/cleanup', ['-z']],
  ] as const) {
    const listener = await Listener.local(`${neutral}/spool/${name}`);
    const service = name.slice(name.indexOf('/') + 1);
    startDaemon({
      root,
      folder,
      program,
      service,
      listeners: [listener],
      type: 'unix',
      args,
      configuration: `${neutral}/etc`,
      queue: `${neutral}/spool`,
    });
  }
  await AuthServer.start(`${ground}/spool/private/lab-auth`);
  for (const [name, text] of [
    ['ca.pem', pool.authorityPem],
    ['server.pem', pool.serverPem],
    ['server.key', pool.serverKeyPem],
  ] as const)
    writeFileSync(`${ground}/${name}`, text, { mode: 0o600 });
}

const neutralMainCf = `
compatibility_level = 2
queue_directory = ${neutral}/spool
data_directory = ${neutral}/lib
myhostname = neutral.lab.test
inet_interfaces = loopback-only
mydestination =
alias_maps =
in_flow_delay = 0
max_idle = 100000s
max_use = 100000000
notify_classes =
maillog_file =
`;
