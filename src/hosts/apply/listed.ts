import { strangersCertificate } from '../../policy/identities/sessions.ts';
import { digestOf } from '../../provision/ledger/listed-lines.ts';
import { readMapFile } from '../../provision/ledger/map-file.ts';
import { isHostName, readHostName } from '../../provision/settings/host-name.ts';
import type { Identity } from '../../provision/verify/expectations.ts';
import { saidOf } from './own-service.ts';
import type { HostFolder } from './read-folder.ts';

// Made once: a map may have a hundred thousand lines.
const nobody = strangersCertificate(true, '');

/**
 * Those who present what a line of the folder's relay_clientcerts lists, in the digest in force. While digests are
 * exchanged the map has lines in the other one too, which admit nobody yet.
 */
export function listedIdentities({ manifest, files }: HostFolder): readonly Identity[] {
  const digest = saidOf(manifest, 'smtpd_tls_fingerprint_digest') ?? 'sha1';
  const map = [...manifest.maps, ...manifest.tables].find(({ file }) => file === 'relay_clientcerts');
  if (map === undefined) return [];
  const { lines } = readMapFile(files.get(map.file)?.toString('utf8') ?? '');
  return lines
    .filter(({ fingerprint }) => digestOf(fingerprint) === digest)
    .map(({ fingerprint, holder, comments }) => {
      const name = readHostName(holder);
      const isKey = comments.some((comment) => comment.includes(': public key'));
      const unlisted = (set: typeof nobody.fingerprint) => ({ [digest]: set[digest] ?? '' });
      return {
        // What a session may be called by; the fingerprint tells who is meant.
        client: isHostName(name) ? name.name : 'client.example',
        serial: fingerprint,
        certificate: {
          ...{ trusted: true, subject: holder, issuer: nobody.issuer },
          fingerprint: isKey ? unlisted(nobody.fingerprint) : { [digest]: fingerprint },
          publicKeyFingerprint: isKey ? { [digest]: fingerprint } : unlisted(nobody.publicKeyFingerprint),
        },
      };
    });
}
