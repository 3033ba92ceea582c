import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cli, inFolder, ms, must, time } from './timing.js';

export const title = 'decisions of the simulator (one thread; each session once, half of the fingerprints listed)';

const policy = new URL('../../dist/policy.js', import.meta.url).href;
const mainCf = [
  'compatibility_level = 3.6',
  'myhostname = server.example.com',
  'mynetworks = 127.0.0.0/8 [::1]/128',
  'smtpd_tls_security_level = may',
  'smtpd_tls_ask_ccert = yes',
  'smtpd_tls_chain_files = /etc/postfix/certrelay/server.example.com.pem',
  'smtpd_tls_CAfile = /etc/postfix/certrelay/cacert.pem',
  'smtpd_tls_fingerprint_digest = sha256',
  'relay_clientcerts = hash:/etc/postfix/certrelay/relay_clientcerts',
  'smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, permit_tls_clientcerts, defer_unauth_destination',
].join('\n');

const fingerprint = (index) =>
  createHash('sha256').update(`certificate ${index}`).digest('hex').toUpperCase().match(/../g).join(':');
const table = (entries) =>
  `${Array.from({ length: entries }, (_, index) => `${fingerprint(2 * index)} c${index}.example.com`).join('\n')}\n`;
const sessionOf = (index, entries) => ({
  client: { address: `192.0.${index % 256}.${(index >> 8) % 256}`, name: `c${index}.example.com` },
  tls: {
    protocol: 'TLSv1.3',
    certificate: {
      trusted: true,
      subject: `c${index}.example.com`,
      issuer: 'bench authority',
      fingerprint: { sha256: fingerprint(index % (2 * entries)) },
      publicKeyFingerprint: { sha256: fingerprint(-1 - index) },
    },
  },
  helo: `c${index}.example.com`,
  mailFrom: `root@c${index}.example.com`,
  rcptTo: [`someone@outside${index}.example`],
});

export async function run() {
  const { compile, configure, conversation, simulator } = await import(policy);
  const rows = [];
  for (const [entries, sessions] of [
    [100, 200_000],
    [10_000, 200_000],
    [1_000_000, 200_000],
  ]) {
    const source = { '/etc/postfix/certrelay/relay_clientcerts': table(entries) };
    let compiled;
    const compiling = time(() => {
      compiled = compile(configure({ version: '3.7', mainCf, tables: source }));
    });
    // Read beforehand: what is measured is deciding, and every session is decided once.
    const read = Array.from({ length: sessions }, (_, index) => conversation(sessionOf(index, entries)));
    const bench = simulator(compiled);
    // Warmed up with sessions of its own: a server is compiled once and runs for long, but no session is seen twice.
    for (let index = 0; index < 20_000; index++) bench.decide(conversation(sessionOf(sessions + index, entries)));
    let permitted = 0;
    const took = time(() => {
      for (const one of read) if (bench.decide(one).verdict === 'permit') permitted++;
    });
    if (permitted === 0 || permitted === sessions) throw new Error('the sessions do not differ');
    rows.push({
      what: `${entries.toLocaleString('en')} entries: compile`,
      value: ms(compiling),
      note: entries === 10_000 ? 'target under 300 ms' : '',
    });
    rows.push({
      what: `${entries.toLocaleString('en')} entries: ${sessions.toLocaleString('en')} sessions`,
      value: `${Math.round(sessions / took)} k/s`,
      note: `${permitted.toLocaleString('en')} permitted${entries === 10_000 ? '; target 500 k/s' : ''}`,
    });
  }
  const lines = 20_000;
  rows.push(
    inFolder((folder) => {
      const file = join(folder, 'batch.jsonl');
      const tables = { '/etc/postfix/certrelay/relay_clientcerts': table(100) };
      const text = Array.from({ length: lines }, (_, id) =>
        JSON.stringify({ id, postfix: '3.7', mainCf, tables, session: sessionOf(id, 100) }),
      );
      writeFileSync(file, `${text.join('\n')}\n`);
      const took = time(() => must(process.execPath, [cli, 'simulate', '--batch', file]));
      return {
        what: `simulate --batch, end to end, ${lines.toLocaleString('en')} lines`,
        value: `${(lines / took).toFixed(1)} k/s`,
        note: 'start-up, reading and printing included',
      };
    }),
  );
  return rows;
}
