// Plays sessions to the installed Postfix: run in namespaces of its own (unshare -n -m), as root, by decisions.bench.js.
import { X509Certificate } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { authority, leaf } from './openssl.js';
import { sessionOf, settings, table, tablePath } from './rendered.js';
import { SmtpClient } from './smtp-client.js';
import { inFolder, must } from './timing.js';

const count = Number(process.argv[2]);
const entries = Number(process.argv[3]);
const port = 25;
/** So many over one connection: a client that goes on much longer is slowed down by the server. */
const onOne = Math.min(count, 50);
/** Connections at a time: a client alone would mostly wait for delayed acknowledgements after the handshake. */
const atOnce = 16;

const masterCf = `
smtp      inet  n       -       n       -       -       smtpd
cleanup   unix  n       -       n       -       0       cleanup
qmgr      unix  n       -       n       300     1       qmgr
tlsmgr    unix  -       -       n       1000?   1       tlsmgr
rewrite   unix  -       -       n       -       -       trivial-rewrite
bounce    unix  -       -       n       -       0       bounce
defer     unix  -       -       n       -       0       bounce
trace     unix  -       -       n       -       0       bounce
verify    unix  -       -       n       -       1       verify
proxymap  unix  -       -       n       -       -       proxymap
anvil     unix  -       -       n       -       1       anvil
scache    unix  -       -       n       -       1       scache
error     unix  -       -       n       -       -       error
retry     unix  -       -       n       -       -       error
`;

/** A Postfix with the rendered configuration; XCLIENT lets a client have the address and name of its session. */
function install(folder) {
  chmodSync(folder, 0o755);
  authority(folder);
  leaf(folder, 'server.example.com', 'serverAuth');
  for (const name of ['listed', 'unlisted']) leaf(folder, name, 'clientAuth');
  const listed = new X509Certificate(readFileSync(join(folder, 'listed.crt'))).fingerprint256;
  writeFileSync(
    join(folder, 'chain.pem'),
    ['server.example.com.key', 'server.example.com.crt'].map((name) => readFileSync(join(folder, name))).join(''),
    { mode: 0o600 },
  );
  writeFileSync(join(folder, 'clients'), `${listed} listed\n${table(entries - 1)}`);
  const config = join(folder, 'config');
  mkdirSync(config);
  for (const name of ['spool', 'data']) mkdirSync(join(folder, name));
  must('chown', ['postfix', join(folder, 'data')]);
  const text = settings
    .join('\n')
    .replace('/etc/postfix/certrelay/server.example.com.pem', join(folder, 'chain.pem'))
    .replace('/etc/postfix/certrelay/cacert.pem', join(folder, 'ca.crt'))
    .replace(tablePath, join(folder, 'clients'));
  writeFileSync(
    join(config, 'main.cf'),
    `${text}\nqueue_directory = ${folder}/spool\ndata_directory = ${folder}/data\nsmtpd_authorized_xclient_hosts = 127.0.0.1
maillog_file =\nsyslog_name = bench\nsmtpd_client_connection_count_limit = 0\nsmtpd_error_sleep_time = 0\nsmtpd_junk_command_limit = 100000\nsmtpd_soft_error_limit = 100000\nsmtpd_hard_error_limit = 100000\n`,
  );
  writeFileSync(join(config, 'master.cf'), masterCf);
  must('postmap', ['-c', config, `hash:${join(folder, 'clients')}`]);
  return config;
}

/** One session after its TLS handshake; true when its recipient was accepted. */
async function play(client, index) {
  const session = sessionOf(index, entries);
  const { address, name } = session.client;
  await client.say(`XCLIENT NAME=${name} REVERSE_NAME=${name} ADDR=${address}`);
  await client.say(`EHLO ${session.helo}`);
  await client.say(`MAIL FROM:<${session.mailFrom}>`);
  return (await client.say(`RCPT TO:<${session.rcptTo[0]}>`)).startsWith('250');
}

async function secured(certificate) {
  const client = await SmtpClient.connect(port);
  await client.say('EHLO bench.example.com');
  await client.secure(certificate);
  await client.say('EHLO bench.example.com');
  return client;
}

async function timed(work) {
  const start = process.hrtime.bigint();
  const permitted = await work();
  return { permitted, milliseconds: Number(process.hrtime.bigint() - start) / 1e6 };
}

async function measure(folder) {
  const [listed, unlisted] = ['listed', 'unlisted'].map((name) => ({
    cert: readFileSync(join(folder, `${name}.crt`)),
    key: readFileSync(join(folder, `${name}.key`)),
  }));
  const one = await secured(listed);
  const overOne = await timed(async () => {
    let permitted = 0;
    for (let index = 0; index < onOne; index++) if (await play(one, index)) permitted++;
    return permitted;
  });
  one.close();
  let next = 0;
  const several = async () => {
    let permitted = 0;
    for (let index = next++; index < count; index = next++) {
      const client = await secured(index % 2 === 0 ? listed : unlisted);
      if (await play(client, index)) permitted++;
      await client.say('QUIT');
      client.close();
    }
    return permitted;
  };
  const overMany = await timed(async () => {
    const all = await Promise.all(Array.from({ length: atOnce }, several));
    return all.reduce((sum, permitted) => sum + permitted, 0);
  });
  return { overOne: { sessions: onOne, ...overOne }, overMany: { sessions: count, ...overMany } };
}

must('ip', ['link', 'set', 'lo', 'up']);
const measured = await inFolder(async (folder) => {
  const config = install(folder);
  must('postfix', ['-c', config, 'start'], { stdio: 'ignore' });
  try {
    return await measure(folder);
  } finally {
    must('postfix', ['-c', config, 'stop'], { stdio: 'ignore' });
  }
});
console.log(JSON.stringify(measured));
