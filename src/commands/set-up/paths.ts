/** Where things lie below the state's folder. */
export const authorityKeyPath = 'ca/cakey.pem';
export const authorityCertificatePath = 'ca/cacert.pem';

/** A file of one host's folder. */
export function hostPath(host: string, file: string): string {
  return `hosts/${host}/${file}`;
}
