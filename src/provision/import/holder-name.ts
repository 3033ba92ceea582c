import type { CertificateFacts } from '../../x509/facts.ts';
import { isHostName, readHostName } from '../settings/host-name.ts';

/** The host that a certificate is for: the first of its names that is a host name; undefined where none is. */
export function hostOf({ names, subject }: CertificateFacts): string | undefined {
  for (const text of [...names, subject]) {
    const read = text === '' ? undefined : readHostName(text);
    if (read !== undefined && isHostName(read)) return read.name;
  }
  return undefined;
}

/** What the ledger calls the holder of a certificate that is for no host, such as a person's. */
export function holderText({ names, subject, serial }: CertificateFacts): string {
  return printable(subject) || printable(names[0] ?? '') || `serial ${serial}`;
}

/** The name of an authority from elsewhere in the grammar that the inventory has for such names. */
export function authorityName({ subject }: CertificateFacts): string {
  const plain = subject
    .normalize('NFC')
    .replace(/[^\p{L}\p{M}\p{N} .,:()@+_-]+/gu, '-')
    .replace(/^[^\p{L}\p{N}]+/u, '');
  return [...plain].slice(0, 64).join('').trim() || 'imported authority';
}

function printable(text: string): string {
  return text.replace(/[\s\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}
