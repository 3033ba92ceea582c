import { generateKeyPairSync, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { easyRsa } from './easy-rsa.js';
import { authority, leaf } from './openssl.js';
import { peak } from './peak.js';
import { cli, inFolder, ms, must, time } from './timing.js';

export const title = 'a fleet (P-256; one process a command, files and proofs included)';

const count = Number(process.env.BENCH_FLEET ?? 10_000);
const byHandCount = Number(process.env.BENCH_OPENSSL ?? 1_000);
const easyRsaCount = Number(process.env.BENCH_EASY_RSA ?? 20);
const rsaCount = Number(process.env.BENCH_RSA ?? 100);

export function run() {
  return [inFolder(atOnce), ...inFolder(fleet), ...inFolder(keysOfRsa), bare(), inFolder(byHand), inFolder(byEasyRsa)];
}

/** One line of the report about `number` certificates, with what they come to for the whole fleet. */
function scaled(what, total, number) {
  const each = total / number;
  const whole = number === count ? '' : `; ${ms(each * count)} for ${count}, scaled`;
  return { what: `${what}: ${number}`, value: ms(total), note: `${ms(each)} each${whole}` };
}

function names(number) {
  return Array.from({ length: number }, (_, index) => `c${index}.example.com`);
}

/** The clients of a file at the first run, as somebody does who moves a fleet. */
function atOnce(folder) {
  const file = join(folder, 'clients');
  writeFileSync(file, `${names(count).join('\n')}\n`);
  const wish = ['--server', 's.example.com', '--clients-file', file, '--postfix', '3.7', '--yes'];
  const { taken, megabytes } = peak(['init', ...wish, '--out', join(folder, 'out')]);
  const row = scaled('certrelay init --clients-file', taken, count);
  return { ...row, note: `${row.note}; ${megabytes} MB at most` };
}

function fleet(folder) {
  const out = join(folder, 'out');
  const file = join(folder, 'clients');
  writeFileSync(file, `${names(count).join('\n')}\n`);
  // What status finds is no failure of its own.
  const certrelay = (...args) => peak([...args, '--out', out], { anyStatus: args[0] === 'status' });
  certrelay('init', '--server', 's.example.com', '--client', 'first.example.com', '--postfix', '3.7', '--yes');
  const added = certrelay('add', '--clients-file', file);
  const rows = [
    [
      'rotate one of them: issue, admit',
      ['rotate', 'c77.example.com', '--overlap', '1h', '--yes'],
      'target below 1 s; ',
    ],
    ['the servers have it: hand over', ['rotate', '--deployed', 's.example.com', '--yes'], ''],
    ['remove one of them', ['remove', 'c78.example.com', '--yes'], ''],
    ['add one more', ['add', 'one-more.example.com'], ''],
    ['render, all files compared', ['render'], ''],
    ['verify, every certificate', ['verify'], ''],
    ['status', ['status'], ''],
    ['status --all, every file read', ['status', '--all'], ''],
  ];
  const first = scaled('certrelay add --clients-file', added.taken, count);
  return [
    { ...first, note: `${first.note}; ${added.megabytes} MB at most` },
    ...rows.map(([what, args, note]) => {
      const { taken, megabytes } = certrelay(...args);
      return { what: `certrelay ${what}`, value: ms(taken), note: `${note}${megabytes} MB at most` };
    }),
  ];
}

/** Of RSA the keys take the time, and are made on every processor. */
function keysOfRsa(folder) {
  const file = join(folder, 'clients');
  writeFileSync(file, `${names(rsaCount).join('\n')}\n`);
  const args = ['--server', 's.example.com', '--key-type', 'rsa-2048', '--yes', '--out', join(folder, 'out')];
  const issued = time(() => must(process.execPath, [cli, 'init', ...args, '--clients-file', file]));
  const alone = time(() => {
    for (let index = 0; index < rsaCount; index++) generateKeyPairSync('rsa', { modulusLength: 2048 });
  });
  return [
    scaled('certrelay init, RSA of 2048 bits', issued, rsaCount),
    scaled('RSA keys alone, one after the other', alone, rsaCount),
  ];
}

function bare() {
  const number = 1_000;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const filler = Buffer.alloc(400);
  const total = time(() => {
    for (let index = 0; index < number; index++) {
      const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      pair.privateKey.export({ format: 'der', type: 'pkcs8' });
      sign('sha256', filler, privateKey);
    }
  });
  return scaled('bare key generation and signature, one thread', total, number);
}

function byHand(folder) {
  authority(folder);
  const total = time(() => {
    for (const name of names(byHandCount)) leaf(folder, name, 'clientAuth');
  });
  return scaled('openssl: key, request, certificate, fingerprint', total, byHandCount);
}

function byEasyRsa(folder) {
  const total = easyRsa(folder, names(easyRsaCount));
  if (total === undefined) return { what: 'easy-rsa', value: '-', note: 'not installed' };
  return scaled('easy-rsa: build-client-full', total, easyRsaCount);
}
