import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HostView } from '../../../src/provision/render/view.ts';
import { fragmentOf, installScript } from '../../provision/render/install/sample.ts';
import { seal } from '../../provision/render/install/seal.ts';

/** The folder of a host as a rendering makes it, with a key pair of its own; answers its path. */
export function folderOf(view: HostView, mainCf = fragmentOf(view)): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'certrelay-apply-test-')), view.name);
  mkdirSync(folder, { mode: 0o700 });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'];
  const files = ['-keyout', join(folder, `${view.name}.key`), '-out', join(folder, `${view.name}.crt`)];
  execFileSync('openssl', ['req', '-x509', ...key, '-subj', `/CN=${view.name}`, ...files], { stdio: 'ignore' });
  for (const name of ['cacert.pem', `${view.name}.pem`]) {
    execFileSync('sh', ['-c', `cat ${view.name}.key ${view.name}.crt >${name}`], { cwd: folder });
  }
  writeFileSync(join(folder, 'relay_clientcerts'), '# a client\nAA:BB:CC client.example.com\n');
  writeFileSync(join(folder, 'main.cf'), mainCf);
  writeFileSync(join(folder, 'install.sh'), installScript(view));
  seal(folder);
  return folder;
}
