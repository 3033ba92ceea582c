import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestList, digestListFile } from '../../../../src/provision/render/digest-list.ts';
import { sealed } from '../../../../src/provision/render/seal.ts';

const table = 'relay_clientcerts';

/** Has a host's folder say that it was made as it is now: what a test puts into it is then not what is refused. */
export function seal(folder: string): void {
  const names = readdirSync(folder);
  if (names.includes(table)) {
    const text = readFileSync(join(folder, table), 'utf8').replace(/^# sha256 of the lines above: .*\n/m, '');
    writeFileSync(join(folder, table), sealed(text));
  }
  const listed = names.filter((name) => /\.(?:cf|crt|sh)$|^cacert\.pem$|^tls_policy$/.test(name));
  const contents = new Map(listed.map((name) => [name, readFileSync(join(folder, name))]));
  writeFileSync(join(folder, digestListFile), digestList(contents));
}
