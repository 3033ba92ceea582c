import { spawnSync } from 'node:child_process';

// An ordinary user's PATH leaves out where postconf(1) usually lies.
const searchPath = `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;

/**
 * What the Postfix on this machine calls its version (`postconf -h mail_version`), or nothing when there is none.
 * Reads main.cf of that Postfix and changes nothing.
 */
export function installedMailVersion(): string | undefined {
  const asked = spawnSync('postconf', ['-h', 'mail_version'], {
    encoding: 'utf8',
    timeout: 5_000,
    env: { ...process.env, PATH: searchPath, LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const text = asked.status === 0 ? asked.stdout.trim() : '';
  return text === '' ? undefined : text;
}
