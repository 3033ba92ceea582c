import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { checkFolder } from '../../../src/hosts/apply/check-folder.ts';
import { readFolder, trustedOwners } from '../../../src/hosts/apply/read-folder.ts';
import { CertrelayError, type Problem } from '../../../src/lib/problem.ts';
import type { HostView } from '../../../src/provision/render/view.ts';
import { needs } from '../../needs.ts';
import { clientView, fragmentOf, ownServiceView, serverView } from '../../provision/render/install/sample.ts';
import { seal } from '../../provision/render/install/seal.ts';
import { folderOf } from './folder.ts';

const missing = needs('openssl');
const trusted = trustedOwners({});
const now = new Date();
const made: string[] = [];

function folder(view: HostView = serverView(), mainCf?: string): string {
  const path = folderOf(view, mainCf);
  made.push(dirname(path));
  return path;
}

afterEach(() => {
  for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true });
});

/** What a folder is refused for; undefined when it is taken. */
function refusal(path: string, at = now): Problem | undefined {
  try {
    checkFolder(readFolder('given', path, trusted), at);
    return undefined;
  } catch (error) {
    if (!(error instanceof CertrelayError)) throw error;
    expect(error.exit).toBe('usage');
    return error.problems[0];
  }
}

/** A folder with one thing wrong in it. */
function changed(change: (path: string) => void, view?: HostView): Problem | undefined {
  const path = folder(view);
  change(path);
  return refusal(path);
}

const set = (name: string, value: string): HostView =>
  serverView({ parameters: [...serverView().parameters, { name, value, unlessSet: false }] });

describe.skipIf(missing)('a folder that is to be applied', () => {
  it('is taken as it was rendered', () => {
    expect(refusal(folder())).toBeUndefined();
    expect(refusal(folder(clientView()))).toBeUndefined();
  });

  it('is that of one host, not that of all, nor of the whole set-up', () => {
    const above = mkdtempSync(join(tmpdir(), 'certrelay-hosts-'));
    made.push(above);
    cpSync(folder(), join(above, 'hosts', 'server.example.com'), { recursive: true });
    for (const [path, hint] of [
      [above, 'given/hosts/NAME'],
      [join(above, 'hosts'), 'given/NAME'],
    ] as const) {
      expect(refusal(path)).toMatchObject({ code: 'folder-of-many', hint: `name that of this host: ${hint}` });
    }
  });

  it.each<[string, string, (path: string) => void]>([
    ['a link in place of a file', 'file-link', (path) => linked(join(path, 'cacert.pem'), '/etc/passwd')],
    ['a link in place of install.sh', 'file-link', (path) => linked(join(path, 'install.sh'), '/dev/null')],
    ['a folder in place of a file', 'file-not', (path) => foldered(join(path, 'relay_clientcerts'))],
    ['a pipe in place of a file', 'file-not', (path) => piped(join(path, 'relay_clientcerts'))],
    ['a file that is not there', 'file-missing', (path) => rmSync(join(path, 'server.example.com.key'))],
    ['a file that everybody may write', 'mode-open', (path) => chmodSync(join(path, 'relay_clientcerts'), 0o666)],
    ['a folder that everybody may write', 'mode-open', (path) => chmodSync(path, 0o777)],
    ['another script', 'folder-foreign-script', (path) => writeFileSync(join(path, 'install.sh'), 'rm -rf /\n')],
    ['a line too many in its map', 'folder-changed', (path) => appended(path, 'relay_clientcerts', 'AA:BB x\n')],
    ['a map without its end', 'folder-changed', (path) => writeFileSync(join(path, 'relay_clientcerts'), 'AA:BB x\n')],
    ['an authority too many', 'folder-changed', (path) => appended(path, 'cacert.pem', '-----BEGIN\n')],
    ['a main.cf of another run', 'folder-changed', (path) => appended(path, 'main.cf', 'x = y\n')],
    ['an install.sh that does more', 'folder-changed', (path) => appended(path, 'install.sh', 'reboot\n')],
    ['no list of digests', 'file-missing', (path) => rmSync(join(path, 'SHA256SUMS'))],
    ['an empty list of digests', 'folder-changed', (path) => writeFileSync(join(path, 'SHA256SUMS'), '')],
  ])('is refused with %s', (_, code, change) => {
    expect(changed(change)).toMatchObject({ code, hint: expect.stringMatching(/./) });
  });

  it.each<[string, string, (path: string) => void]>([
    ['the key of another certificate', 'key-foreign', (path) => newKey(join(path, 'server.example.com.key'))],
    ['no certificate', 'no-certificate', (path) => writeFileSync(join(path, 'server.example.com.crt'), 'none\n')],
    ['a main.cf that says more', 'folder-contradicts', (path) => appended(path, 'main.cf', 'relay_domains = x.org\n')],
  ])('is refused with %s, when the list of digests was changed with it', (_, code, change) => {
    const tampered = (path: string) => {
      change(path);
      seal(path);
    };
    expect(changed(tampered)).toMatchObject({ code, hint: expect.stringMatching(/./) });
  });

  it('is taken with a service of its own, whose digest its map has to be in', () => {
    expect(refusal(folder(ownServiceView('2525')))).toBeUndefined();
    const sha1 = Array(20).fill('AB').join(':');
    const other = (path: string) => {
      writeFileSync(join(path, 'relay_clientcerts'), `${sha1} client.example.com\n`);
      seal(path);
    };
    expect(changed(other, ownServiceView('2525', 'sha1'))).toBeUndefined();
    expect(changed(other, ownServiceView('2525', 'sha256'))?.message).toMatch(
      /no line of .* is in the digest "sha256"/,
    );
  });

  it('is refused as a link, and as a file', () => {
    const path = folder();
    symlinkSync(path, `${path}-link`);
    expect(refusal(`${path}-link`)?.code).toBe('folder-link');
    expect(refusal(join(path, 'main.cf'))?.code).toBe('folder-not');
    expect(refusal(`${path}-nowhere`)?.code).toBe('folder-missing');
  });

  it.each<[string, HostView, RegExp]>([
    ['a parameter that runs a program', set('mailbox_command', '/bin/id'), /sets "mailbox_command"/],
    ["a parameter that is not certrelay's", set('relay_domains', 'outside.org'), /sets "relay_domains"/],
    ['what only an entry may set', set('syslog_name', 'elsewhere'), /sets "syslog_name"/],
    ['a listener that sets something else', listener(' -o content_filter=x:y'), /sets "content_filter"/],
    ['an escape sequence in a value', set('relay_clientcerts', '\u001b[2J'), /no plain text/],
    ['a table somewhere else', mapped('/etc/passwd', 'relay_clientcerts'), /not one of its own/],
    ['a table of a strange type', mapped('', 'relay_clientcerts', 'tcp:h'), /not one of its own/],
    ['an entry that runs a program', entry('x unix - n n - - pipe user=root argv=/bin/id'), /starts "pipe"/],
    ['an entry that sets something else', entry('x unix - - n - - smtp -o mail_owner=root'), /sets "mail_owner"/],
    ['an entry under another name', entry('y unix - - n - - smtp'), /no entry "x\/unix"/],
  ])('is refused with %s', (_, view, message) => {
    expect(refusal(folder(view))).toMatchObject({
      code: 'folder-contradicts',
      message: expect.stringMatching(message),
    });
  });

  it.each(['../../etc/passwd', '.hidden', '-rf', 'a/b', '$(id)'])('is refused with a file named %j', (name) => {
    const view = serverView({ files: [{ name, mode: '0644' }] });
    expect(refusal(folder(view))?.code).toBe('folder-name');
  });

  it.each(['/etc', '/etc/postfix', '/etc/../root/x', '/etc/post fix/x'])(
    'is refused when it goes to %j',
    (installDir) => {
      expect(refusal(folder(serverView({ installDir })))?.code).toBe('install-dir-form');
    },
  );

  it('is refused when its certificate has ended', () => {
    expect(refusal(folder(), new Date(now.getTime() + 31 * 86_400_000))).toMatchObject({
      code: 'certificate-expired',
      message: expect.stringContaining('given/server.example.com.crt" ended on '),
    });
  });

  it('is refused when its map is in another digest than its main.cf', () => {
    const sha256 = `${Array.from({ length: 32 }, () => 'AB').join(':')} client.example.com\n`;
    const sha1 = `${Array.from({ length: 20 }, () => 'AB').join(':')} client.example.com\n`;
    const map = (text: string) =>
      changed((path) => {
        writeFileSync(join(path, 'relay_clientcerts'), text);
        seal(path);
      });
    expect(map(sha256)?.message).toContain('no line of relay_clientcerts is in the digest "sha1"');
    expect(map(`${sha256}${sha1}`)).toBeUndefined();
  });

  it('is refused when install.sh and main.cf differ in a value', () => {
    const mainCf = fragmentOf(serverView()).replace('smtpd_tls_ask_ccert = yes', 'smtpd_tls_ask_ccert = no');
    expect(refusal(folder(serverView(), mainCf))?.message).toContain('differ in "smtpd_tls_ask_ccert = no"');
  });

  it.skipIf(needs('root'))('is refused when a file belongs to somebody else, but not to him for whom sudo runs', () => {
    const path = folder();
    chownSync(join(path, 'relay_clientcerts'), 12_345, 0);
    expect(refusal(path)).toMatchObject({ code: 'owner-foreign', message: expect.stringContaining('uid 12345') });
    expect(readFolder('given', path, trustedOwners({ SUDO_UID: '12345' })).manifest.host).toBe('server.example.com');
    chownSync(join(path, 'relay_clientcerts'), 0, 12_345);
    chmodSync(join(path, 'relay_clientcerts'), 0o664);
    expect(refusal(path)?.code).toBe('mode-open');
  });
});

function linked(path: string, to: string): void {
  rmSync(path);
  symlinkSync(to, path);
}

function foldered(path: string): void {
  rmSync(path);
  mkdirSync(path);
}

function piped(path: string): void {
  rmSync(path);
  execFileSync('mkfifo', [path]);
}

function newKey(path: string): void {
  execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', `${path}.new`], { stdio: 'ignore' });
  renameSync(`${path}.new`, path);
}

function appended(path: string, name: string, text: string): void {
  const file = join(path, name);
  writeFileSync(file, `${readFileSync(file, 'utf8')}${text}`);
}

function mapped(path: string, file: string, type = 'hash'): HostView {
  return serverView({ maps: [{ type, path, file, parameter: 'relay_clientcerts' }] });
}

/** A service of its own with something more. */
function listener(more: string): HostView {
  const view = ownServiceView('2525');
  return { ...view, services: view.services.map((service) => ({ ...service, line: `${service.line}${more}` })) };
}

function entry(line: string): HostView {
  return clientView({ services: [{ reason: [], name: 'x', type: 'unix', line, head: line, options: [] }] });
}
