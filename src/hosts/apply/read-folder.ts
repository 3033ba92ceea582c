import { closeSync, constants, existsSync, fstatSync, lstatSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isErrno, onPath } from '../../lib/files/problem.ts';
import { CertrelayError, usage } from '../../lib/problem.ts';
import { digestListFile, disagreementOf, isListed } from '../../provision/render/digest-list.ts';
import { isIntact } from '../../provision/render/seal.ts';
import { type Manifest, readManifest } from '../programs/manifest.ts';

/** A host's folder as it was read, once: what is checked is what is installed, whatever becomes of the files. */
export interface HostFolder {
  /** As the user named it. */
  readonly path: string;
  readonly manifest: Manifest;
  /** Contents by name, that of install.sh too. */
  readonly files: ReadonlyMap<string, Buffer>;
}

/** Who may own what root is about to install: root, whoever runs certrelay, and whom sudo(8) runs it for. */
export interface Trusted {
  readonly users: ReadonlySet<number>;
  readonly groups: ReadonlySet<number>;
}

/** Root, whoever runs this, and whom sudo(8) says that he was before: files of others are not installed. */
export function trustedOwners(env: Readonly<Record<string, string | undefined>>): Trusted {
  const numbers = (own: number | undefined, sudo: string | undefined) =>
    new Set([0, ...(own === undefined ? [] : [own]), ...(/^\d+$/.test(sudo ?? '') ? [Number(sudo)] : [])]);
  return {
    users: numbers(process.geteuid?.(), env.SUDO_UID),
    groups: numbers(process.getegid?.(), env.SUDO_GID),
  };
}

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
const script = 'install.sh';
const again = 'make it again with "certrelay render", and copy it whole';

/**
 * Reads the folder of one host. Refuses what somebody else could have put there or could change: links, files of other
 * users, files that others may write.
 * @throws CertrelayError (usage).
 */
export function readFolder(shown: string, path: string, trusted: Trusted): HostFolder {
  const folder = onPath('cannot read', shown, () => lstatSync(path, { throwIfNoEntry: false }));
  if (folder === undefined)
    throw usage('folder-missing', `there is no folder "${shown}"`, 'name a folder of out/hosts');
  if (folder.isSymbolicLink()) throw usage('folder-link', `"${shown}" is a symbolic link`, 'name the real folder');
  if (!folder.isDirectory()) throw usage('folder-not', `"${shown}" is no folder`, 'name a folder of out/hosts');
  checkOwner(shown, folder, trusted);
  checkOneHost(shown, path);
  const text = readOwned(shown, path, script, trusted);
  const manifest = readManifest(text.toString('utf8'));
  if ('code' in manifest)
    throw new CertrelayError('usage', { ...manifest, message: `"${shown}": ${manifest.message}` });
  const names = [...new Set([...manifest.files.map(({ name }) => name), ...tablesOf(manifest)])];
  const pairs = manifest.pairs.flatMap(({ certificate, key }) => [certificate, key]);
  for (const name of [...names, ...pairs]) checkName(shown, name);
  const wanted = new Set([...names, ...pairs, 'main.cf', digestListFile]);
  const files = new Map([...wanted].map((name) => [name, readOwned(shown, path, name, trusted)]));
  files.set(script, text);
  checkDigests(shown, manifest, files);
  return { path: shown, manifest, files };
}

/** The folder of the whole set-up, or that of all hosts, is an easy mistake. */
function checkOneHost(shown: string, path: string): void {
  if (existsSync(join(path, script))) return;
  for (const inner of ['', 'hosts']) {
    const names = existsSync(join(path, inner))
      ? onPath('cannot read', shown, () => readdirSync(join(path, inner)))
      : [];
    if (!names.some((name) => existsSync(join(path, inner, name, script)))) continue;
    throw usage(
      'folder-of-many',
      `"${shown}" is not the folder of one host`,
      `name that of this host: ${join(shown, inner)}/NAME`,
    );
  }
}

/** Texts of tables: their sources, and what those in a database are to hold. */
function tablesOf({ maps, tables }: Manifest): readonly string[] {
  return [...maps, ...tables].map(({ file }) => file);
}

/**
 * A copy that is not whole, that two runs had a part in, or that somebody edited. All was read before, so nothing changes
 * meanwhile. Whether keys belong to their certificates is looked at apart.
 */
function checkDigests(shown: string, manifest: Manifest, files: ReadonlyMap<string, Buffer>): void {
  const list = files.get(digestListFile)?.toString('utf8') ?? '';
  const sealed = tablesOf(manifest).filter((file) => !isListed(list, file));
  const secret = manifest.files.flatMap(({ name, mode }) => (mode === 0o600 ? [name] : []));
  const others = new Set([...sealed, ...secret, ...manifest.pairs.map(({ key }) => key), digestListFile]);
  const changed =
    disagreementOf(list, new Map([...files].filter(([name]) => !others.has(name)))) ??
    sealed.find((name) => !isIntact(files.get(name)?.toString('utf8') ?? ''));
  if (changed === undefined) return;
  throw usage(
    'folder-changed',
    `"${join(shown, changed)}" is not what it was when it was made`,
    `somebody changed it, or the copy is not whole; look at it, then ${again}`,
  );
}

/** Names come from the folder itself, and become paths on the host. */
function checkName(shown: string, name: string): void {
  if (/^[A-Za-z0-9_][A-Za-z0-9._-]{0,254}$/.test(name)) return;
  throw usage('folder-name', `"${shown}" names a file ${JSON.stringify(name)}, which is no plain name`, again);
}

function readOwned(shown: string, folder: string, name: string, trusted: Trusted): Buffer {
  const path = join(folder, name);
  const said = join(shown, name);
  let file: number;
  try {
    // Not to wait for a pipe's other end.
    file = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    if (isErrno(error, 'ELOOP')) throw usage('file-link', `"${said}" is a symbolic link`, again);
    if (isErrno(error, 'ENOENT')) throw usage('file-missing', `"${name}" is missing in "${shown}"`, again);
    throw usage('file-unreadable', `cannot read "${said}"`, 'run this as root');
  }
  try {
    const status = fstatSync(file);
    if (!status.isFile()) throw usage('file-not', `"${said}" is no file`, again);
    checkOwner(said, status, trusted);
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

interface Status {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

function checkOwner(said: string, { uid, gid, mode }: Status, { users, groups }: Trusted): void {
  if (!users.has(uid)) {
    throw usage(
      'owner-foreign',
      `"${said}" belongs to another user (uid ${uid}), who could change it`,
      `copy the folder as root, or "chown -R root:" it after you have looked at it`,
    );
  }
  const others = (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && !groups.has(gid));
  if (others) {
    const octal = (mode & 0o7777).toString(8).padStart(4, '0');
    throw usage(
      'mode-open',
      `"${said}" can be written by others (mode ${octal})`,
      'look at it, and take that away with "chmod -R go-w"',
    );
  }
}
