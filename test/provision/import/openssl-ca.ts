import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Runs a program in a folder; what it says is told when it fails. */
export function run(
  cwd: string,
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): string {
  const ran = spawnSync(program, args, { cwd, encoding: 'utf8', env: { ...process.env, ...env } });
  if (ran.status !== 0) throw new Error(`${program} ${args.join(' ')}\n${ran.stdout}${ran.stderr}`);
  return ran.stdout;
}

/** An authority in the layout of openssl-ca(1), made by openssl alone. */
export class DemoCa {
  readonly folder: string;
  readonly name: string;

  constructor(folder: string, name = 'Demo CA', { passphrase = '', validity = ['-days', '3650'] } = {}) {
    this.folder = folder;
    this.name = name;
    for (const inner of ['newcerts', 'private']) mkdirSync(join(folder, inner), { recursive: true });
    writeFileSync(join(folder, 'index.txt'), '');
    writeFileSync(join(folder, 'serial'), '01\n');
    writeFileSync(join(folder, 'openssl.cnf'), config);
    const secret = passphrase === '' ? ['-nodes'] : ['-passout', `pass:${passphrase}`];
    const [subject, out] = [`/CN=${name}`, ['-keyout', 'private/cakey.pem', '-out', 'cacert.csr']];
    this.openssl('req', '-new', '-newkey', 'rsa:2048', ...secret, '-subj', subject, ...out);
    const key = passphrase === '' ? [] : ['-passin', `pass:${passphrase}`];
    this.openssl(
      'ca',
      '-config',
      'openssl.cnf',
      '-batch',
      '-selfsign',
      '-extensions',
      'authority',
      '-create_serial',
      ...validity,
      ...key,
      '-keyfile',
      'private/cakey.pem',
      '-in',
      'cacert.csr',
      '-out',
      'cacert.pem',
    );
  }

  openssl(...args: readonly string[]): string {
    return run(this.folder, 'openssl', args);
  }

  /** Issues for a host; the key lies in private/. */
  issue(
    name: string,
    use: 'serving' | 'asking',
    more: readonly string[] = [],
  ): { readonly certificate: string; readonly key: string } {
    const key = `private/${name}.key`;
    this.openssl(
      'req',
      '-new',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      key,
      '-out',
      `${name}.csr`,
    );
    this.openssl(
      'ca',
      '-config',
      'openssl.cnf',
      '-batch',
      '-extensions',
      use,
      '-days',
      '397',
      ...more,
      '-in',
      `${name}.csr`,
      '-out',
      `${name}.crt`,
    );
    return { certificate: join(this.folder, `${name}.crt`), key: join(this.folder, key) };
  }

  revoke(name: string): void {
    this.openssl('ca', '-config', 'openssl.cnf', '-revoke', `${name}.crt`);
  }
}

/** A certificate's fingerprint as relay_clientcerts has it. */
export function fingerprintOf(certificate: string, digest = 'sha256'): string {
  const args = ['x509', '-in', certificate, '-noout', '-fingerprint', `-${digest}`];
  return run(dirname(certificate), 'openssl', args).trim().split('=')[1] ?? '';
}

/** Every file below a folder with its content, to show that nothing touched it. */
export function contentsOf(folder: string): string {
  return run(folder, 'sh', [
    '-c',
    'find . -type f -exec sha256sum {} + | sort; find . -mindepth 1 -printf "%p %m %T@\\n" | sort',
  ]);
}

export function readLines(path: string): readonly string[] {
  return readFileSync(path, 'utf8').trimEnd().split('\n');
}

const config = `
[ca]
default_ca = demo
[demo]
dir = .
database = $dir/index.txt
new_certs_dir = $dir/newcerts
certificate = $dir/cacert.pem
private_key = $dir/private/cakey.pem
serial = $dir/serial
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[serving]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
[asking]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
[req]
distinguished_name = names
[names]
`;
