// The licences of what is bundled: each asks that its text goes wherever its code goes.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const names = /^(licen[cs]e|copying|notice)(\.(md|txt))?$/i;

/** One text of all packages whose files went into bundles, by the inputs that esbuild reports for these. */
export function licencesOf(inputs, root) {
  const folders = new Set(inputs.map((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]));
  folders.delete(undefined);
  const parts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const texts = readdirSync(join(root, folder)).filter((file) => names.test(file));
    const said = texts.map((file) => readFileSync(join(root, folder, file), 'utf8').trim());
    if (said.length === 0) said.push(licenceInReadme(join(root, folder)));
    return `${name} ${version} (${license ?? 'see below'})\n\n${said.join('\n\n')}`;
  });
  const head = 'The programs in this folder contain the following packages, under the licences given with each.';
  return `${[head, ...parts].join(`\n\n${'-'.repeat(78)}\n`)}\n`;
}

/** Some packages (pg-types, pgpass) have their licence in a section of the README and nowhere else. */
function licenceInReadme(folder) {
  const file = readdirSync(folder).find((name) => /^readme(?:\.md|\.txt)?$/i.test(name));
  const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8');
  const [, section = ''] = text.split(/^#+ *licen[cs]e *$/im);
  const found = section.split(/^#+ /m)[0]?.trim() ?? '';
  if (found.length < 200) throw new Error(`${folder} has no text of its licence`);
  return found;
}

/** The licence of the Node that goes into a single executable, where its distribution has put one; else where it is. */
export function licenceOfNode(executable) {
  const beside = [
    '../LICENSE',
    '../share/doc/nodejs/LICENSE',
    '../share/doc/nodejs/copyright',
    '../share/doc/node/LICENSE',
  ];
  const found = beside.map((path) => join(executable, '..', path)).find(existsSync);
  const address = `https://github.com/nodejs/node/blob/${process.version}/LICENSE`;
  return `Node.js ${process.version}\n\n${found === undefined ? address : readFileSync(found, 'utf8').trim()}\n`;
}
