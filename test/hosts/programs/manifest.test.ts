import { describe, expect, it } from 'vitest';
import { lineOf, type Manifest, readManifest, settingOf } from '../../../src/hosts/programs/manifest.ts';
import type { Problem } from '../../../src/lib/problem.ts';
import type { HostView } from '../../../src/provision/render/view.ts';
import { clientView, installScript, serverView } from '../../provision/render/install/sample.ts';

function manifestOf(view: HostView): Manifest {
  const read = readManifest(installScript(view));
  if ('code' in read) throw new Error(read.message);
  return read;
}

const problemOf = (script: string) => readManifest(script) as Problem;

describe('the facts of an install.sh', () => {
  it('are those that it was rendered from, for a server', () => {
    const view = serverView();
    const manifest = manifestOf(view);
    expect(manifest).toMatchObject({
      host: view.name,
      installDir: view.installDir,
      versionOption: '--postfix',
      versions: { from: '3.4', to: '3.12', text: '3.4 to 3.11' },
      pairs: view.pairs,
      services: [],
      relayPort: '25',
      isClient: false,
      settingsUnlessSet: [{ name: 'mynetworks', value: '127.0.0.0/8 [::1]/128' }],
    });
    expect(manifest.files).toEqual(view.files.map(({ name, mode }) => ({ name, mode: Number.parseInt(mode, 8) })));
    expect(manifest.maps).toEqual(view.maps.map(({ type, path, file }) => ({ type, path, file })));
    const set = view.parameters.filter(({ unlessSet }) => !unlessSet).map(({ name, value }) => ({ name, value }));
    expect(manifest.settings).toEqual(set);
  });

  it('are those of a client with an entry of its own in master.cf', () => {
    const manifest = manifestOf(clientView());
    expect(manifest).toMatchObject({ relayPort: undefined, isClient: true, versionOption: '--client-postfix' });
    expect(manifest.services).toEqual([
      { service: 'certrelay/unix', line: 'certrelay unix - - y - - smtp -o smtp_tls_security_level=encrypt' },
    ]);
  });

  it('are those of a host that is both, and of one that has nothing', () => {
    expect(manifestOf(serverView({ isClient: true, roles: ['server', 'client'] }))).toMatchObject({
      relayPort: '25',
      isClient: true,
    });
    const bare = manifestOf(serverView({ maps: [], files: [], pairs: [], parameters: [] }));
    expect([bare.maps, bare.files, bare.settings, bare.settingsUnlessSet]).toEqual([[], [], [], []]);
  });

  it('survive what sh quotes', () => {
    expect(manifestOf(serverView({ installDir: "/etc/it's $(here)" })).installDir).toBe("/etc/it's $(here)");
  });

  it.each([
    ['any other script', '#!/bin/sh\nrm -rf /\n', /not made by certrelay/],
    ['a script with a command among them', inserted('rm -rf /'), /not understood: "rm -rf \/"/],
    ['a substitution', inserted('host=$(id)'), /not understood: "host=\$\(id\)"/],
    ['a list of another release', inserted("later() {\n  cat <<'END'\nx\nEND\n}"), /not understood: "later\(\) \{"/],
    ['a list that goes on', inserted("files() {\n  cat <<'END'\nEND\n  id\n}"), /not understood: " {2}id"/],
    ['a script that lost a fact', installScript(serverView()).replace(/^host=.*$/m, ''), /does not say "host"/],
  ])('are not found in %s', (_, script, message) => {
    expect(problemOf(script)).toMatchObject({ code: 'folder-foreign-script', message: expect.stringMatching(message) });
  });
});

describe('a setting', () => {
  it.each(['relayhost = [server.example.com]:25', 'smtpd_tls_cert_file =', 'x = a = b'])('%s is a line', (line) => {
    expect(lineOf(settingOf(line))).toBe(line);
  });
});

/** The script with lines among its facts. */
function inserted(lines: string): string {
  return installScript(serverView()).replace(/^install_dir=/m, `${lines}\ninstall_dir=`);
}
