/**
 * True when a local part can be written without quotes: atoms separated by dots (RFC 822). Characters beyond
 * ASCII are left alone, as the server does.
 */
export function isDotString(local: string): boolean {
  if (local === '' || local.startsWith('.') || local.endsWith('.') || local.includes('..')) return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what forces quoting
  return !/[\x00-\x20\x7f()<>@,;:\\".[\]]/.test(local.replaceAll('.', ''));
}

/** The address in external form: the local part quoted where it has to be. */
export function externalForm(address: string): string {
  const at = address.lastIndexOf('@');
  const local = at < 0 ? address : address.slice(0, at);
  if (local === '' || isDotString(local)) return address;
  return `"${local.replace(/["\\\r]/g, '\\$&')}"${at < 0 ? '' : address.slice(at)}`;
}
