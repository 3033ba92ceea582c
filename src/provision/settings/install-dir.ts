import type { Problem } from '../../lib/problem.ts';

export const standardInstallDir = '/etc/postfix/certrelay';

/** Folders that belong to the system or to Postfix; certrelay wants one of its own. */
const taken = new Set([
  '/etc',
  '/etc/postfix',
  '/etc/ssl',
  '/etc/pki',
  '/usr',
  '/usr/local',
  '/var',
  '/var/spool/postfix',
]);

/**
 * Reads the folder on the hosts. It is written into main.cf, into maps and into a shell script, so it is kept to
 * characters that mean nothing in any of them.
 */
export function readInstallDir(text: string): string | Problem {
  const path = text.replace(/(?<=.)\/+$/, '');
  const refused = (message: string, hint: string): Problem => ({
    code: 'install-dir-form',
    message: `${JSON.stringify(text.slice(0, 200))} ${message}`,
    hint,
  });
  if (!path.startsWith('/')) return refused('is not absolute', `write it from the root, such as ${standardInstallDir}`);
  if (!/^(?:\/[A-Za-z0-9._-]+)+$/.test(path)) {
    return refused('is no plain path', 'letters, digits, dots, underscores and hyphens between single slashes');
  }
  if (path.split('/').some((part) => part === '.' || part === '..' || part.startsWith('-'))) {
    return refused('has a part that is ".", ".." or begins with a hyphen', 'write it out');
  }
  if (path.length > 200) return refused('is too long', 'at most 200 characters');
  if (taken.has(path) || path.split('/').length < 3) {
    return refused('holds other things', `choose a folder for certrelay alone, such as ${standardInstallDir}`);
  }
  return path;
}
