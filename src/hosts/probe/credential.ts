import { join, resolve } from 'node:path';
import { readText, readTextIfAny } from '../../lib/files/read.ts';
import { readPossibleSecret } from '../../lib/files/secret.ts';
import { CertrelayError, usage } from '../../lib/problem.ts';
import { hostPath } from '../../provision/ledger/paths.ts';
import { issueAuthority } from '../../provision/pki/authority.ts';
import { issue } from '../../provision/pki/issue.ts';
import { profiles } from '../../provision/pki/profiles.ts';
import { certificateNames, rolesOf } from '../../provision/render/certificate-names.ts';
import { knownHosts } from '../../provision/settings/known-hosts.ts';
import type { Inventory } from '../../provision/settings/types.ts';
import type { Stored } from '../../provision/state/store.ts';
import type { CertificateFacts } from '../../x509/facts.ts';
import { inspect } from '../../x509/inspect.ts';
import { toPem } from '../../x509/pem.ts';
import { isEncrypted, readPrivateKey } from '../../x509/private-key.ts';

/** A certificate to show, with its key. */
export interface Credential {
  /** Whose it is, as reports name it. */
  readonly holder: string;
  readonly facts: CertificateFacts;
  /** PEM, with the certificates that stand above it in its file. */
  readonly certificate: string;
  /** PEM, not encrypted. Never shown. */
  readonly key: string;
  /** Whether it verifies against the authorities of the server. */
  readonly trusted: boolean;
}

/** Which certificate is to be shown: that of a client of the set-up, or that of two files. */
export interface CredentialRequest {
  readonly as: string | undefined;
  /** File names, relative to `cwd`. */
  readonly cert: string | undefined;
  readonly key: string | undefined;
  /** Whether the server is taken to trust who issued `cert`. */
  readonly trusted: boolean;
  readonly cwd: string;
}

type State = Stored & { readonly inventory: Inventory };

/**
 * The certificate that is to be shown: of --as from the state, or of --cert and --key; undefined when there is none.
 * @throws CertrelayError (usage)
 */
export function credentialOf(
  { as: name, cert, key, trusted, cwd }: CredentialRequest,
  state: State | undefined,
): Credential | undefined {
  if (name !== undefined && (cert !== undefined || key !== undefined))
    throw usage('credential-both', '--as and --cert exclude each other', 'give one of the two');
  if ((cert === undefined) !== (key === undefined))
    throw usage('credential-half', '--cert and --key go together', 'give both, or neither');
  if (name !== undefined && state !== undefined) return ofState(name, state);
  if (cert === undefined || key === undefined) return undefined;
  const paths = { certificate: resolve(cwd, cert), key: resolve(cwd, key) };
  const { text, weakness } = readPossibleSecret(paths.key, key);
  const read = credential(cert, readText(paths.certificate), key, text, trusted);
  // Said last: what is wrong with the key itself matters more, and a file without a key has no secret to keep.
  if (weakness !== undefined) throw weakness;
  return read;
}

function ofState(given: string, { root, inventory, state }: State): Credential {
  const [name = ''] = knownHosts([given], inventory);
  if (!inventory.clients.some((client) => client.name === name))
    throw usage(
      'not-a-client',
      `"${name}" is no client of this set-up`,
      'a client certificate is shown; name a client',
    );
  const names = certificateNames(name, 'client', rolesOf(inventory, name));
  const [certificateFile, keyFile] = [hostPath(name, names.certificate), hostPath(name, names.key)];
  const certificate = readTextIfAny(join(root, certificateFile));
  const key = readTextIfAny(join(root, keyFile));
  if (certificate === undefined || key === undefined) {
    const missing = certificate === undefined ? certificateFile : keyFile;
    throw usage(
      'credential-missing',
      `the state has no "${missing}"`,
      'where the key is on the host itself, run this there with --cert FILE --key FILE',
    );
  }
  const read = credential(certificateFile, certificate, keyFile, key, false);
  const known = state
    .of(name, 'client')
    .find(({ fingerprint }) => fingerprint.sha256 === read.facts.fingerprint.sha256);
  // The servers trust the authority's own certificates; whoever issued others need not be known to them.
  return { ...read, holder: name, trusted: known?.origin === undefined || known.origin === 'request' };
}

function credential(file: string, text: string, keyFile: string, keyText: string, trusted: boolean): Credential {
  const { certificates, problems } = inspect(new TextEncoder().encode(text), file);
  if (problems.length > 0) throw new CertrelayError('usage', ...problems);
  const [facts] = certificates;
  if (facts === undefined)
    throw usage('certificate-missing', `"${file}" holds no certificate`, 'give a certificate in PEM form');
  if (isEncrypted(keyText)) {
    const hint = `for as long as this takes: (umask 077; openssl pkey -in ${keyFile} -out FILE)`;
    throw usage('key-encrypted', `the private key in "${keyFile}" is encrypted, and no passphrase is asked for`, hint);
  }
  const pair = readPrivateKey(keyText, keyFile);
  if (!Buffer.from(pair.publicKey).equals(facts.publicKey))
    throw usage(
      'key-of-another',
      `the key in "${keyFile}" is not that of the certificate in "${file}"`,
      'give its own with --key',
    );
  const holder = facts.subject || facts.names[0] || 'the certificate';
  const chain = certificates.map(({ der }) => toPem('CERTIFICATE', der)).join('');
  return { holder, facts, certificate: chain, key: toPem('PRIVATE KEY', pair.pkcs8), trusted };
}

/**
 * The certificate of somebody whom no server has listed, from an authority that none has heard of. It exists as long as the
 * command runs, and is written nowhere.
 */
export async function unlistedCredential(now: Date, random: (bytes: number) => Uint8Array): Promise<Credential> {
  const at = { now, random };
  const { authority } = await issueAuthority({ ...at, name: 'some other authority', keyType: 'ec-p256', days: 2 });
  const holder = 'stranger.example';
  const issued = await issue(profiles.client, { name: holder }, authority, { ...at, keyType: 'ec-p256', days: 1 });
  return { holder, facts: issued.facts, certificate: issued.certificatePem, key: issued.keyPem, trusted: false };
}
