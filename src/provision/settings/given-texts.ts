import type { Problem } from '../../lib/problem.ts';

const longestText = 1_048_576;

/** Checks the PEM of an issuer before it is stored for every client. */
export function checkIssuer(pem: string, file: string): string | Problem {
  if (/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(pem)) {
    return {
      code: 'server-ca-private',
      message: `"${file}" holds a private key`,
      hint: 'give the certificate of the issuer alone; the key stays where it is',
    };
  }
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----/g);
  if (blocks === null || pem.length > longestText) {
    return {
      code: 'server-ca-pem',
      message: `"${file}" holds no certificate in PEM form`,
      hint: 'it begins with -----BEGIN CERTIFICATE-----; "openssl x509 -inform DER" converts the binary form',
    };
  }
  // Comments and the readable dump that some tools put around certificates are left behind.
  return `${blocks.join('\n')}\n`;
}

/** Checks a `postconf -n` before it is stored; its meaning is judged where configurations are read. */
export function checkBase(text: string, file: string): string | Problem {
  if (text.includes('\0')) {
    return {
      code: 'base-main-cf-nul',
      message: `"${file}" holds a NUL byte`,
      hint: 'give the output of "postconf -n", as text',
    };
  }
  if (text.length > longestText) {
    return {
      code: 'base-main-cf-large',
      message: `"${file}" is larger than 1 MiB`,
      hint: 'give the output of "postconf -n", not a table',
    };
  }
  return text;
}

// A parameter with its continuation lines (postconf(5)); the value may name the table on any of them.
const passwordMaps = /^((?:smtp|lmtp)_sasl_password_maps[ \t]*=).*(?:\n[ \t].*)*/gm;

/**
 * The same configuration without passwords: the inventory is readable by all, and what a host shows to log in
 * elsewhere has no say in who may relay through it.
 */
export function withoutSecrets(base: string): { readonly text: string; readonly removed: boolean } {
  const text = base.replace(passwordMaps, (whole, head: string) => (/\b(?:static|inline):/.test(whole) ? head : whole));
  return { text, removed: text !== base };
}
