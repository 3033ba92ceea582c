import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { must, time } from './timing.js';

const program = ['/usr/share/easy-rsa/easyrsa', '/usr/bin/easyrsa'].find((path) => existsSync(path));

/**
 * Milliseconds that easy-rsa takes to make a certificate for each name in a folder of its own, its authority not counted;
 * undefined where it is not installed.
 */
export function easyRsa(folder, names) {
  if (program === undefined) return undefined;
  const env = {
    ...process.env,
    ...{ EASYRSA_BATCH: '1', EASYRSA_PKI: join(folder, 'pki'), EASYRSA_ALGO: 'ec', EASYRSA_CURVE: 'prime256v1' },
  };
  const run = (...args) => must(program, args, { cwd: folder, env });
  run('init-pki');
  run('build-ca', 'nopass');
  return time(() => {
    for (const name of names) run('build-client-full', name, 'nopass');
  });
}
