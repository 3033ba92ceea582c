import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { easyRsa } from './easy-rsa.js';
import { leaf, authority as opensslAuthority } from './openssl.js';
import { inFolder, ms, time } from './timing.js';

export const title = 'certificates (P-256, one process, no files; openssl a process a step)';

const count = Number(process.env.BENCH_CLIENTS ?? 1000);
const rsaCount = Number(process.env.BENCH_RSA ?? 50);
const root = fileURLToPath(new URL('../..', import.meta.url));

/** The room pki as it is in the source, for it has no entry of its own in dist/. */
const entry = `
  export { issueAuthority } from './src/provision/pki/authority.ts';
  export { issueMany } from './test/bench/issue-many.ts';
  export { profiles } from './src/provision/pki/profiles.ts';
  export { fingerprint } from './src/x509/fingerprint.ts';
  export { inspect } from './src/x509/inspect.ts';
  export { subtle, x509 } from './src/x509/crypto.ts';
`;

async function load() {
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: root, loader: 'ts' },
    write: false,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
  });
  return inFolder((folder) => {
    const file = join(folder, 'pki.cjs');
    writeFileSync(file, outputFiles[0].contents);
    return createRequire(import.meta.url)(file);
  });
}

async function timed(work) {
  const start = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - start) / 1e6;
}

export async function run() {
  const pki = await load();
  const random = (bytes) => crypto.getRandomValues(new Uint8Array(bytes));
  const now = new Date();
  const { authority } = await pki.issueAuthority({ name: 'bench', keyType: 'ec-p256', now, random });
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const authorityKey = await pki.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const filler = new Uint8Array(400);
  const names = Array.from({ length: count }, (_, index) => ({ name: `c${index}.example.com` }));
  let last;

  const bareOnes = async (batch) => {
    for (let index = 0; index < batch.length; index++) {
      await pki.subtle.generateKey(algorithm, true, ['sign', 'verify']);
      await pki.subtle.sign(algorithm, authorityKey.privateKey, filler);
    }
  };
  const ourOnes = async (batch) => {
    const options = { keyType: 'ec-p256', now, random };
    for await (const issued of pki.issueMany(pki.profiles.client, batch, authority, options)) last = issued;
  };
  const generated = async (batch) => {
    for (const { name } of batch) await byGenerator(pki, algorithm, authorityKey, name, now);
  };
  // Interleaved, so that a busy moment falls on all alike; nothing is warmed up, for init is not either.
  const totals = [0, 0, 0];
  for (let start = 0; start < count; start += 50) {
    const batch = names.slice(start, start + 50);
    for (const [index, work] of [bareOnes, ourOnes, generated].entries())
      totals[index] += await timed(() => work(batch));
  }
  const [bare, ours, generator] = totals;
  const few = Math.min(count, 100);
  const byHand = inFolder((folder) => {
    opensslAuthority(folder);
    return time(() => {
      for (const { name } of names.slice(0, few)) leaf(folder, name, 'clientAuth');
    });
  });
  const short = Math.min(few, 20);
  const byEasyRsa = inFolder((folder) =>
    easyRsa(
      folder,
      names.slice(0, short).map(({ name }) => name),
    ),
  );
  const printed = 10_000;
  const fingerprints = time(() => {
    for (let index = 0; index < printed; index++) pki.fingerprint('sha1', last.facts.der);
  });
  const pem = new TextEncoder().encode(last.certificatePem.repeat(count));
  const inspected = time(() => pki.inspect(pem, 'bench'));
  const each = (total, number = count) => `${ms(total / number)} each`;
  return [
    { what: `keys and signatures alone, ${count} times`, value: ms(bare), note: each(bare) },
    {
      what: `certrelay: issue ${count} certificates`,
      value: ms(ours),
      note: `${each(ours)}; ${(ours / bare).toFixed(2)} times`,
    },
    { what: "the library's own generator, the same extensions", value: ms(generator), note: each(generator) },
    {
      what: `openssl: key, request, certificate, fingerprint, ${few} times`,
      value: ms(byHand),
      note: each(byHand, few),
    },
    byEasyRsa === undefined
      ? { what: 'easy-rsa', value: '-', note: 'not installed' }
      : { what: `easy-rsa: build-client-full, ${short} times`, value: ms(byEasyRsa), note: each(byEasyRsa, short) },
    ...(await onBothCores(pki, authority, { now, random })),
    { what: `${printed} sha1 fingerprints`, value: ms(fingerprints) },
    { what: `inspect a file of ${count} certificates`, value: ms(inspected), note: each(inspected) },
  ];
}

/**
 * Issuing without a pause, as `init` and `add` do it, beside the same keys and signatures one after the other: the processor time
 * that went by in each second tells how many processors were at work. A machine that is busy with something else lowers it.
 */
async function onBothCores(pki, authority, { now, random }) {
  const rows = [];
  for (const [keyType, number] of [
    ['ec-p256', count],
    ['rsa-2048', rsaCount],
  ]) {
    const batch = Array.from({ length: number }, (_, index) => ({ name: `c${index}.example.com` }));
    const before = process.cpuUsage();
    const taken = await timed(async () => {
      for await (const _ of pki.issueMany(pki.profiles.client, batch, authority, { keyType, now, random }));
    });
    const { user, system } = process.cpuUsage(before);
    const processors = (user + system) / 1000 / taken;
    rows.push({
      what: `certrelay: issue ${number} of ${keyType}, without a pause`,
      value: ms(taken),
      note: `${ms(taken / number)} each; ${processors.toFixed(1)} processors at work`,
    });
  }
  return rows;
}

async function byGenerator({ subtle, x509 }, algorithm, authorityKey, name, now) {
  const keys = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [{ CN: [name] }],
    issuer: 'CN=bench',
    notBefore: now,
    notAfter: new Date(now.getTime() + 86_400_000),
    publicKey: keys.publicKey,
    signingKey: authorityKey.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(authorityKey.publicKey),
    ],
  });
  return certificate.toString('pem');
}
