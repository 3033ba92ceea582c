/** What lies at a path; links are not followed. */
export interface Found {
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  /** Permission bits. */
  readonly mode: number;
  readonly owner: number;
  /** Bytes. */
  readonly size: number;
}

/** A file of the state that must be there. */
export interface ExpectedFile {
  /** Below the state's folder, with `/`. */
  readonly path: string;
  readonly mode: number;
  /** Absent: whatever it says is right, as with keys. */
  readonly content?: string;
}

/** A private key, and whether what the file says belongs to the certificate of the ledger. */
export interface ExpectedKey {
  readonly path: string;
  /** As messages call the certificate. */
  readonly certificate: string;
  /** `encrypted`: nobody can tell without the passphrase. */
  belongs(text: string): 'yes' | 'no' | 'encrypted' | 'damaged';
}

export interface Expected {
  readonly files: readonly ExpectedFile[];
  readonly keys: readonly ExpectedKey[];
  /** Folders that only the owner may enter (0700). */
  isPrivate(folder: string): boolean;
  /** Names under which files wait to be complete; one that is there was left by a run that was killed. */
  isTemporary(path: string): boolean;
  /** What a file that nobody expects holds: a certificate or key that the ledger does not know, or nothing of interest. */
  stranger(path: string, text: string): { readonly kind: 'certificate' | 'key'; readonly whose: string } | undefined;
}

/** What is there. */
export interface Disk {
  /** Everything below the state's folder by its path, folders included. */
  readonly entries: ReadonlyMap<string, Found>;
  /** The user that owns the state's folder. */
  readonly owner: number;
  /** A file's text; undefined when it cannot be read. */
  read(path: string): string | undefined;
}

export type DriftKind =
  | 'missing'
  | 'differs'
  | 'unreadable'
  | 'mode'
  | 'owner'
  | 'not-a-file'
  | 'key-missing'
  | 'key-mismatch'
  | 'unknown-certificate'
  | 'unknown-key'
  | 'leftover';

/** One way in which a file is not as it should be. */
export interface Drift {
  readonly kind: DriftKind;
  readonly path: string;
  readonly message: string;
  readonly hint: string;
}

const hints: Readonly<Record<DriftKind, string>> = {
  missing: '"certrelay render" makes it again',
  differs: '"certrelay render --diff --check" shows the difference, "certrelay render" puts it right',
  unreadable: 'look at the owner and the mode of the file and its folder',
  mode: '"certrelay render" puts it right',
  owner: 'give it back with chown(1)',
  'not-a-file': 'move it away, then "certrelay render"',
  'key-missing': 'restore it from a copy; otherwise "certrelay rotate NAME" issues a certificate with a new key',
  'key-mismatch': 'restore the right key from a copy, or issue a certificate with a new key: "certrelay rotate NAME"',
  'unknown-certificate': 'whoever put it there knows why; certrelay will not use it',
  'unknown-key': 'a private key that belongs to nothing here should not lie here',
  leftover: 'a run was killed; the next one that writes replaces it, and removing it does no harm',
};

/** Everything that is not as inventory and ledger say, in the order of the paths. Pure: what is there comes with `disk`. */
export function findDrift(expected: Expected, disk: Disk): readonly Drift[] {
  const drifts: Drift[] = [];
  const report = (kind: DriftKind, path: string, message: string) =>
    drifts.push({ kind, path, message, hint: hints[kind] });
  const known = new Set<string>();
  for (const file of expected.files) {
    known.add(file.path);
    checkFile(file, disk, report);
  }
  for (const key of expected.keys) {
    known.add(key.path);
    checkKey(key, disk, report);
  }
  for (const [path, found] of disk.entries) {
    if (found.owner !== disk.owner) report('owner', path, `belongs to uid ${found.owner}, not to ${disk.owner}`);
    if (found.kind === 'folder') checkFolder(path, found, expected, report);
    else if (!known.has(path)) checkStranger(path, found, expected, disk, report);
  }
  return drifts.sort((one, other) => (one.path < other.path ? -1 : one.path > other.path ? 1 : 0));
}

type Report = (kind: DriftKind, path: string, message: string) => void;

function checkFile({ path, mode, content }: ExpectedFile, disk: Disk, report: Report): void {
  const found = disk.entries.get(path);
  if (found === undefined) {
    report('missing', path, 'is not there');
    return;
  }
  if (found.kind !== 'file') {
    report('not-a-file', path, found.kind === 'link' ? 'is a symbolic link' : `is a ${found.kind}`);
    return;
  }
  checkMode(path, found, mode, report);
  if (content === undefined) return;
  const isSameSize = found.size === Buffer.byteLength(content);
  const text = isSameSize ? disk.read(path) : '';
  if (text === undefined) report('unreadable', path, 'cannot be read');
  else if (text !== content) report('differs', path, 'is not what inventory and ledger lead to');
}

function checkKey({ path, certificate, belongs }: ExpectedKey, disk: Disk, report: Report): void {
  const found = disk.entries.get(path);
  if (found === undefined) {
    report('key-missing', path, `the key of ${certificate} is not there`);
    return;
  }
  if (found.kind !== 'file') {
    report('not-a-file', path, found.kind === 'link' ? 'is a symbolic link' : `is a ${found.kind}`);
    return;
  }
  checkMode(path, found, 0o600, report);
  const text = disk.read(path);
  if (text === undefined) {
    report('unreadable', path, 'cannot be read');
    return;
  }
  const verdict = belongs(text);
  if (verdict === 'no') report('key-mismatch', path, `is not the key of ${certificate}`);
  if (verdict === 'damaged') report('key-mismatch', path, 'holds no private key that can be read');
}

function checkMode(path: string, { mode }: Found, wanted: number, report: Report): void {
  if (mode !== wanted) report('mode', path, `has mode ${octal(mode)}, not ${octal(wanted)}`);
}

/** Folders are only ever tightened, so a mode is wrong when it grants more than it may. */
function checkFolder(path: string, { mode }: Found, { isPrivate }: Expected, report: Report): void {
  const most = isPrivate(path) ? 0o700 : 0o755;
  if ((mode & ~most) !== 0) report('mode', path, `has mode ${octal(mode)}, which grants more than ${octal(most)}`);
}

function checkStranger(path: string, { kind }: Found, expected: Expected, disk: Disk, report: Report): void {
  if (expected.isTemporary(path)) {
    report('leftover', path, 'was left by a run that did not end');
    return;
  }
  const text = kind === 'file' ? disk.read(path) : undefined;
  const stranger = text === undefined ? undefined : expected.stranger(path, text);
  if (stranger === undefined) return;
  const { kind: what, whose } = stranger;
  report(
    what === 'key' ? 'unknown-key' : 'unknown-certificate',
    path,
    `holds a ${what} that the ledger does not know${whose}`,
  );
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}
