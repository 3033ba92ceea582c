import { fingerprint } from '../../x509/fingerprint.ts';
import { readPem } from '../../x509/pem.ts';
import { isEncrypted, readPrivateKey } from '../../x509/private-key.ts';
import { stateLayout } from '../ledger/layout.ts';
import { type CertificateState, currentAuthority, currentCertificate, isLive } from '../ledger/ledger-state.ts';
import { authorityKeyPath, hostPath, nextKeyPath } from '../ledger/paths.ts';
import { quickPublicKey } from '../pki/key-public.ts';
import { certificateNames, hasOwnCertificate, rolesOf } from '../render/certificate-names.ts';
import type { RenderPlan } from '../render/plan.ts';
import type { Inventory } from '../settings/types.ts';
import type { Expected, ExpectedFile, ExpectedKey } from './drift.ts';
import type { Folder } from './folder.ts';
import { stateFiles } from './state-files.ts';
import { type Stored, stateChanges } from './store.ts';

/** Which hosts are compared with what they should be, byte by byte. */
export interface Scope {
  /** Their names; absent: all. */
  readonly hosts: ReadonlySet<string> | undefined;
  /** Files of the others, of which presence, kind and mode are looked at. */
  readonly others: readonly ExpectedFile[];
  /** How many hosts these are. */
  readonly untouched: number;
}

/** What must lie in the state's folder, as the next run that writes would have it. */
export function expectedOf(
  stored: Stored & { readonly inventory: Inventory },
  rendered: RenderPlan,
  folder: Folder,
  { hosts, others }: Scope,
): Expected {
  const { root, inventory, state } = stored;
  const keys = keysOf(stored, hosts);
  const keyPaths = new Set(keys.map(({ path }) => path));
  const sources = { before: inventory, inventory, ledger: state, plan: rendered, newKeys: [] };
  const changes = stateChanges(stored, {
    ...{ inventory, events: [] },
    files: stateFiles({
      ...{ ...sources, read: folder.read, list: folder.list },
      ...(hosts === undefined ? {} : { hosts }),
    }),
  });
  const isClosed = (path: string) => folder.closed.some((closed) => path.startsWith(`${closed}/`));
  const files = changes.flatMap((change): ExpectedFile[] => {
    if (change.kind === 'remove' || keyPaths.has(change.path) || isClosed(change.path)) return [];
    if (change.kind === 'append') return [{ path: change.path, mode: 0o644 }];
    const mode = change.secret ? 0o600 : 0o644;
    if (change.kind === 'keep') return [{ path: change.path, mode }];
    return [
      {
        ...{ path: change.path, mode },
        // Asked for when it is compared: the texts of a fleet need not all be in memory at once.
        get content() {
          return String(change.content);
        },
      },
    ];
  });
  // What a run of today would take away is what one that was killed left.
  const left = new Set(changes.flatMap(({ kind, path }) => (kind === 'remove' ? [path] : [])));
  const strangers = knownCredentials(state.certificates);
  return {
    files: [...files, ...others],
    keys: keys.filter(({ path }) => !isClosed(path)),
    isPrivate: stateLayout(root).isPrivate,
    isTemporary: (path) => left.has(path) || /(?:^|\/)\.[^/]+\.new$|^\.lock\./.test(path),
    stranger: (path) => strangers(path, folder),
  };
}

/** Every private key that belongs to a certificate in force; those that never left their hosts are not here. */
function keysOf(
  { inventory, state }: Stored & { readonly inventory: Inventory },
  hosts: ReadonlySet<string> | undefined,
): readonly ExpectedKey[] {
  const authority = currentAuthority(state);
  const keys: ExpectedKey[] = authority === undefined ? [] : [keyOf(authorityKeyPath, 'the authority', authority)];
  for (const name of new Set([...inventory.servers, ...inventory.clients].map((host) => host.name))) {
    if (hosts?.has(name) === false) continue;
    const roles = rolesOf(inventory, name);
    for (const role of roles) {
      const certificate = currentCertificate(state, name, role);
      if (certificate === undefined || !hasOwnCertificate(inventory.settings, role)) continue;
      if (certificate.origin === 'request' || certificate.origin === 'elsewhere') continue;
      const { key } = certificateNames(name, role, roles);
      keys.push(keyOf(hostPath(name, key), named(certificate), certificate));
    }
  }
  for (const certificate of state.certificates) {
    const waits = isLive(certificate) && certificate.handed === undefined && certificate.origin === undefined;
    if (waits) keys.push(keyOf(nextKeyPath(certificate), named(certificate), certificate));
  }
  return keys;
}

function named({ holder, role, serial }: CertificateState): string {
  return `"${holder}" (${role}, serial ${serial})`;
}

function keyOf(path: string, certificate: string, { publicKeyFingerprint }: CertificateState): ExpectedKey {
  return {
    path,
    certificate,
    belongs(text) {
      if (isEncrypted(text)) return 'encrypted';
      const own = keyFingerprint(text, path);
      return own === undefined ? 'damaged' : own === publicKeyFingerprint.sha256 ? 'yes' : 'no';
    },
  };
}

function keyFingerprint(text: string, path: string): string | undefined {
  try {
    return fingerprint('sha256', quickPublicKey(text) ?? readPrivateKey(text, path).publicKey);
  } catch {
    return undefined;
  }
}

/** Tells what a file that nobody expects holds, when the ledger does not know it. */
function knownCredentials(certificates: readonly CertificateState[]) {
  const known = new Set(certificates.flatMap((one) => [one.fingerprint.sha256, one.publicKeyFingerprint.sha256]));
  return (path: string, folder: Folder): ReturnType<Expected['stranger']> => {
    const text = folder.read(path) ?? '';
    for (const { label, der } of readPem(text)) {
      if (der !== undefined && label.endsWith('CERTIFICATE') && !known.has(fingerprint('sha256', der))) {
        return { kind: 'certificate', whose: '' };
      }
    }
    if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return undefined;
    const own = isEncrypted(text) ? undefined : keyFingerprint(text, path);
    return own !== undefined && known.has(own) ? undefined : { kind: 'key', whose: '' };
  };
}
