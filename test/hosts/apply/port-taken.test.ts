import { describe, expect, it } from 'vitest';
import { dedicatedServiceOf, folderValueOf } from '../../../src/hosts/apply/dedicated-service.ts';
import { listenersOf } from '../../../src/hosts/apply/listeners.ts';
import { portTaken } from '../../../src/hosts/apply/refusals/port-taken.ts';
import { type Manifest, readManifest } from '../../../src/hosts/programs/manifest.ts';
import { PostfixPrograms } from '../../../src/hosts/programs/postfix-programs.ts';
import { smtpServersOf } from '../../../src/policy/postfix/smtp-services.ts';
import { parseVersion, type Version } from '../../../src/policy/postfix/version.ts';
import { masterEntry } from '../../../src/provision/render/master-entry.ts';
import { installScript, serverView } from '../../provision/render/install/sample.ts';

const settings = [{ name: 'smtpd_tls_fingerprint_digest', value: 'sha256' }];

function manifestOf(port: string, more: typeof settings = []): Manifest {
  const service = masterEntry({ name: port, type: 'inet', program: 'smtpd', reason: [] }, [...settings, ...more]);
  const view = serverView({ relayPort: port, hasOwnService: true, services: [service], parameters: [] });
  const read = readManifest(installScript(view));
  if ('code' in read) throw new Error(read.message);
  return read;
}

const manifest = manifestOf('2525');
const wanted = manifest.services[0] ?? { service: '', line: '' };

interface Host {
  readonly entries?: Readonly<Record<string, string>>;
  readonly put?: readonly { readonly service: string; readonly line: string }[];
  readonly inUse?: boolean;
  readonly labelled?: 'yes' | 'no' | 'unknown';
  readonly runs?: boolean;
}

function refusalOn(
  { entries = {}, put = [], inUse = false, labelled = 'yes', runs = true }: Host,
  of = manifest,
): string | undefined {
  const target = { entries: new Map(Object.entries(entries)), put, config: '/etc/postfix' };
  return portTaken(of, target, { isInUse: () => inUse, mayListen: () => labelled, runs })?.problem.message;
}

describe('the port of a service of its own', () => {
  const other = '2525 inet n - y - - smtpd -o smtpd_banner=mine';

  it('is free on a host that has nothing there', () => {
    expect(refusalOn({ entries: { 'smtp/inet': 'smtp inet n - y - - smtpd' } })).toBeUndefined();
  });

  it('is its own where the entry is as it is wanted, or as an earlier run made it', () => {
    const entries = { '2525/inet': wanted.line.replaceAll(' ', '   ') };
    expect(refusalOn({ entries, inUse: true })).toBeUndefined();
    const put = [{ service: '2525/inet', line: other }];
    expect(refusalOn({ entries: { '2525/inet': other }, put, inUse: true })).toBeUndefined();
  });

  it("is the administrator's where an entry of that name is another one", () => {
    expect(refusalOn({ entries: { '2525/inet': other } })).toMatch(/has an entry "2525\/inet" that certrelay did not/);
    const put = [{ service: '2525/inet', line: `${other}s` }];
    expect(refusalOn({ entries: { '2525/inet': other }, put })).toMatch(/did not make so$/);
  });

  it.each([
    ['2525', '192.0.2.1:2525/inet'],
    ['2525', '[::1]:2525/inet'],
    ['587', 'submission/inet'],
    ['465', 'smtps/inet'],
    ['465', 'submissions/inet'],
  ])('%s is taken by %s, whatever that runs', (port, service) => {
    const entries = { [service]: `${service.replace('/', ' ')} n - n - - spawn` };
    expect(refusalOn({ entries }, manifestOf(port))).toContain(`port ${port} is that of the entry "${service}"`);
    // A socket in the file system has no port.
    expect(refusalOn({ entries: { [service.replace('inet', 'unix')]: '' } }, manifestOf(port))).toBeUndefined();
  });

  it('is taken by another program, unless it is Postfix that listens there', () => {
    expect(refusalOn({ inUse: true })).toMatch(/another program of this host listens on port 2525$/);
    expect(refusalOn({ entries: { '2525/inet': wanted.line }, inUse: true, runs: false })).toMatch(
      /listens on port 2525$/,
    );
  });
});

describe('SELinux', () => {
  it('has to let Postfix listen there, where the entry is new', () => {
    expect(refusalOn({ labelled: 'no' })).toMatch(/SELinux does not let Postfix listen on port 2525$/);
    expect(refusalOn({ labelled: 'unknown' })).toBeUndefined();
    expect(refusalOn({ entries: { '2525/inet': wanted.line }, labelled: 'no' })).toBeUndefined();
  });
});

describe('what an entry says for the server of the clients', () => {
  it('counts before main.cf', () => {
    expect(dedicatedServiceOf(manifest)).toEqual({ service: '2525/inet', listener: '2525', overrides: settings });
    expect(folderValueOf(manifest, 'smtpd_tls_fingerprint_digest')).toBe('sha256');
    expect(folderValueOf({ ...manifest, services: [], settings: [{ name: 'a', value: 'b' }] }, 'a')).toBe('b');
  });

  it('tells how the server is asked before the entry is there', () => {
    const wrapped = manifestOf('465', [{ name: 'smtpd_tls_wrappermode', value: 'yes' }]);
    const version = parseVersion('3.7') as Version;
    const servers = smtpServersOf(wrapped.services.map(({ line }) => line).join('\n'), version, '465');
    const silent = new PostfixPrograms(() => ({ status: 0, stdout: '', stderr: '' }), '/etc/postfix');
    expect(listenersOf(servers, silent, dedicatedServiceOf(wrapped))).toMatchObject([{ port: 465, isWrapped: true }]);
    expect(listenersOf(servers, silent)).toMatchObject([{ port: 465, isWrapped: false }]);
  });
});
