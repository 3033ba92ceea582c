import { realpathSync } from 'node:fs';
import { plainText, readBytes } from '../../lib/files/read.ts';
import { readPossibleSecret } from '../../lib/files/secret.ts';
import { CertrelayError, type Problem, usage } from '../../lib/problem.ts';
import type { CertificateFacts } from '../../x509/facts.ts';
import { certificateFacts } from '../../x509/inspect.ts';
import { readPem } from '../../x509/pem.ts';
import { isEncrypted, readPrivateKey } from '../../x509/private-key.ts';
import { isMapFile, type MapFile, readMapFile } from '../ledger/map-file.ts';
import { quickPublicKey } from '../pki/key-public.ts';
import { collect, type FoundFile } from './find-files.ts';
import { type Revocation, readRevocations } from './index-file.ts';

export interface FoundCertificate {
  readonly facts: CertificateFacts;
  readonly file: string;
}

/** A private key; an encrypted one is opened when it is needed. */
export interface FoundKey {
  readonly file: string;
  readonly text: string;
  readonly encrypted: boolean;
  /** SubjectPublicKeyInfo; undefined while it is encrypted. */
  readonly publicKey: Uint8Array | undefined;
}

/** All that was found and understood, each certificate once. */
export interface Findings {
  readonly certificates: readonly FoundCertificate[];
  readonly keys: readonly FoundKey[];
  readonly maps: readonly (MapFile & { readonly file: string })[];
  readonly revocations: readonly Revocation[];
  readonly notes: readonly Problem[];
}

const largest = 64 * 1_048_576;

/**
 * Reads what `--import` names and sorts it by content: certificates, private keys, the source of a relay_clientcerts, and the
 * index in which openssl-ca(1) and easy-rsa note what they revoked. Nothing is written.
 * @throws CertrelayError: a file that cannot be read; a named file that is none of these; nothing found at all.
 */
export function readFiles(files: readonly FoundFile[], names: readonly string[]): Findings {
  const certificates = new Map<string, FoundCertificate>();
  const keys: FoundKey[] = [];
  const maps: (MapFile & { readonly file: string })[] = [];
  const revocations: Revocation[] = [];
  const notes: Problem[] = [];
  const unreadable: Problem[] = [];
  for (const file of files) {
    let bytes: Uint8Array;
    try {
      bytes = readBytes(file.path, largest);
    } catch (error) {
      collect(error, unreadable);
      continue;
    }
    const text = plainText(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
    const found = certificatesOf(bytes, text, file, notes);
    for (const facts of found) {
      if (!certificates.has(facts.fingerprint.sha256))
        certificates.set(facts.fingerprint.sha256, { facts, file: file.name });
    }
    const key = keyOf(text, file.name, notes);
    if (key !== undefined) {
      keys.push(key);
      // The key is taken over all the same: whoever could read it has it, and no change of the mode takes it back.
      const { weakness } = readPossibleSecret(realpathSync(file.path), file.name);
      if (weakness !== undefined) notes.push(...weakness.problems);
    }
    const isMap = found.length === 0 && key === undefined && isMapFile(text);
    if (isMap) maps.push({ ...readMapFile(text), file: file.name });
    const revoked = isMap ? undefined : readRevocations(text);
    if (revoked !== undefined) revocations.push(...revoked);
    const isKnown = found.length > 0 || key !== undefined || isMap || revoked !== undefined;
    if (file.named && !isKnown) throw strange(file.name, bytes);
  }
  if (unreadable.length > 0) throw new CertrelayError('failure', ...unreadable.slice(0, 5));
  if (certificates.size + keys.length + maps.length === 0) {
    throw usage(
      'import-nothing',
      `--import: ${names.map((name) => `"${name}"`).join(', ')} ${names.length === 1 ? 'holds' : 'hold'} no certificate, key or relay_clientcerts`,
      'name the folder of an authority, or the files themselves',
    );
  }
  return { certificates: [...certificates.values()], keys, maps, revocations, notes };
}

function certificatesOf(
  bytes: Uint8Array,
  text: string,
  file: FoundFile,
  notes: Problem[],
): readonly CertificateFacts[] {
  const blocks = readPem(text).filter(({ label }) => label.endsWith('CERTIFICATE'));
  if (blocks.length === 0) {
    const facts = bytes[0] === 0x30 ? certificateFacts(bytes) : undefined;
    return facts === undefined ? [] : [facts];
  }
  return blocks.flatMap(({ der, line }) => {
    const facts = der === undefined ? undefined : certificateFacts(der);
    if (facts !== undefined) return [facts];
    const damaged: Problem = {
      code: 'import-damaged',
      message: 'a certificate that is damaged; it was left out',
      where: { file: file.name, line, column: 1 },
    };
    if (file.named)
      throw new CertrelayError('usage', { ...damaged, message: 'the certificate that begins here is damaged' });
    notes.push(damaged);
    return [];
  });
}

function keyOf(text: string, file: string, notes: Problem[]): FoundKey | undefined {
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return undefined;
  if (isEncrypted(text)) return { file, text, encrypted: true, publicKey: undefined };
  try {
    return { file, text, encrypted: false, publicKey: quickPublicKey(text) ?? readPrivateKey(text, file).publicKey };
  } catch (error) {
    collect(error, notes);
    return undefined;
  }
}

function strange(name: string, bytes: Uint8Array): CertrelayError {
  const message = `--import: "${name}" is no certificate, key or relay_clientcerts`;
  const isTable = /\.(?:db|lmdb|cdb|dir|pag)$/.test(name) || bytes.includes(0);
  return usage(
    'import-strange',
    message,
    isTable ? 'give the source of a lookup table, not what postmap made of it' : undefined,
  );
}
