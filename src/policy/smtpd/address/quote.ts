/**
 * True when a local part can be written without quotes: atoms separated by dots (RFC 822). Characters beyond
 * ASCII are left alone, as the server does.
 */
export function isDotString(local: string): boolean {
  let before = 46;
  for (let i = 0; i < local.length; i++) {
    const code = local.charCodeAt(i);
    if (code === 46 ? before === 46 : code <= 32 || code === 127 || specials.has(code)) return false;
    before = code;
  }
  return before !== 46;
}

const specials = new Set([...'()<>@,;:\\"[]'].map((char) => char.charCodeAt(0)));

/** The address in external form: the local part quoted where it has to be. */
export function externalForm(address: string): string {
  const at = address.lastIndexOf('@');
  const local = at < 0 ? address : address.slice(0, at);
  if (local === '' || isDotString(local)) return address;
  return `"${local.replace(/["\\\r]/g, '\\$&')}"${at < 0 ? '' : address.slice(at)}`;
}
