// Plain Node runs this file as it is: .ci/run installs what it prints. The types are in needs-table.d.ts.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * What tests need of the machine beside Node: the Debian package that brings each need. A need is a program of this name,
 * unless `path` or `mapType` (a lookup table type of Postfix) says how else it is found.
 */
export const table = {
  'ansible-playbook': { package: 'ansible-core' },
  bash: { package: 'bash' },
  busybox: { package: 'busybox' },
  cmp: { package: 'diffutils' },
  cpio: { package: 'cpio' },
  dash: { package: 'dash' },
  'debian-postfix': { package: 'postfix', path: '/usr/share/postfix/main.cf.debian' },
  'easy-rsa': { package: 'easy-rsa', path: '/usr/share/easy-rsa/easyrsa' },
  fish: { package: 'fish' },
  groff: { package: 'groff-base' },
  hostname: { package: 'hostname' },
  ip: { package: 'iproute2' },
  mandoc: { package: 'mandoc' },
  mount: { package: 'mount' },
  nsenter: { package: 'util-linux' },
  openssl: { package: 'openssl' },
  perl: { package: 'perl-base' },
  postconf: { package: 'postfix' },
  postfix: { package: 'postfix' },
  'postfix-cdb': { package: 'postfix-cdb', mapType: 'cdb' },
  'postfix-lmdb': { package: 'postfix-lmdb', mapType: 'lmdb' },
  'postfix-pcre': { package: 'postfix-pcre', mapType: 'pcre' },
  'postfix-pgsql': { package: 'postfix-pgsql', mapType: 'pgsql' },
  postgresql: { package: 'postgresql', path: '/usr/lib/postgresql' },
  postmap: { package: 'postfix' },
  ps: { package: 'procps' },
  script: { package: 'bsdutils' },
  setpriv: { package: 'util-linux' },
  shellcheck: { package: 'shellcheck' },
  stty: { package: 'coreutils' },
  'systemd-analyze': { package: 'systemd' },
  timeout: { package: 'coreutils' },
  tmux: { package: 'tmux' },
  umount: { package: 'mount' },
  unshare: { package: 'util-linux' },
  zsh: { package: 'zsh' },
};

// Postfix's programs live where an ordinary user's PATH does not look.
const directories = [...(process.env.PATH ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin'].filter(Boolean);

/** Whether this machine has what a row of such a table names. */
export function isInstalled(name, { path, mapType }) {
  if (path !== undefined) return existsSync(path);
  if (mapType !== undefined) return mapTypes().includes(mapType);
  return directories.some((directory) => isProgram(join(directory, name)));
}

/** The packages of the rows that this machine lacks, each once. */
export function missingPackages(rows) {
  const missing = Object.entries(rows).filter(([name, row]) => !isInstalled(name, row));
  return [...new Set(missing.map(([, row]) => row.package))].sort();
}

let known;

/** The lookup table types that the installed Postfix can open; none without one. */
function mapTypes() {
  const env = { ...process.env, PATH: directories.join(':') };
  known ??= (spawnSync('postconf', ['-m'], { encoding: 'utf8', env }).stdout ?? '').split('\n');
  return known;
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const name of missingPackages(table)) process.stdout.write(`${name}\n`);
}
