/** What the index of openssl-ca(1) says of a certificate that was revoked. */
export interface Revocation {
  /** Lower-case hex without leading zeros. */
  readonly serial: string;
  /** Distinguished name as the index writes it: `/CN=client.example.com`. */
  readonly subject: string;
}

/** A line: status, end, time of revocation, serial number, file, subject; with tabs between. */
const form = /^([VRE])\t\d{12,14}Z\t(?:\d{12,14}Z[^\t]*)?\t([0-9A-Fa-f]+)\t[^\t]*\t(.*)$/;

/** The revoked certificates of an index; undefined when the text is none. */
export function readRevocations(text: string): readonly Revocation[] | undefined {
  const lines = text.split('\n').filter((line) => line !== '');
  const [first] = lines;
  if (first === undefined || !form.test(first)) return undefined;
  return lines.flatMap((line) => {
    const [, status, serial = '', subject = ''] = form.exec(line) ?? [];
    return status === 'R' ? [{ serial: bareSerial(serial), subject }] : [];
  });
}

/** Tools pad serial numbers differently. */
export function bareSerial(serial: string): string {
  return serial.toLowerCase().replace(/^0+(?=.)/, '');
}
