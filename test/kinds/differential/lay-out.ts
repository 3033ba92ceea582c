import { copyFileSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ground, neutral, script } from './enclosure.ts';
import { type Configuration, mainCfText } from './scenario.ts';

const tableTypes = /\b(hash|btree|lmdb|cdb|dbm|sdbm):(\/[^\s,{}]+)/g;

/** Writes a configuration to where the server of this worker reads it, with its tables compiled. */
export function layOut(configuration: Configuration, root: string): void {
  const folder = `${ground}/etc`;
  for (const name of ['lab', 'main.cf', 'master.cf']) rmSync(`${folder}/${name}`, { recursive: true, force: true });
  mkdirSync(`${folder}/lab`);
  for (const name of ['ca.pem', 'server.pem', 'server.key']) copyFileSync(`${ground}/${name}`, `${folder}/lab/${name}`);
  writeOld(`${folder}/main.cf`, mainCfText(configuration));
  writeOld(`${folder}/master.cf`, '');
  for (const [path, content] of Object.entries(configuration.tables)) {
    const here = path.replace('/etc/postfix', folder);
    mkdirSync(dirname(here), { recursive: true });
    writeOld(here, content);
  }
  compile(configuration, root);
}

/** The text in which a configuration can name tables. */
export function everything(configuration: Configuration): string {
  return [
    mainCfText(configuration),
    ...configuration.overrides.map(([, value]) => value),
    ...Object.values(configuration.tables),
  ].join('\n');
}

/** What postmap(1) makes of the sources; one that it refuses stays a table that is not there. */
function compile(configuration: Configuration, root: string): void {
  const specs = new Set([...everything(configuration).matchAll(tableTypes)].map(([spec]) => spec));
  const present = [...specs].filter((spec) => configuration.tables[spec.slice(spec.indexOf(':') + 1)] !== undefined);
  if (present.length === 0) return;
  const words = present.map((spec) => `'${spec}'`).join(' ');
  script(`postmap -c ${neutral}/etc ${words} 2>/dev/null || true`, root);
}

/** Postfix waits for a file that was written in this very second, for it might not be done. */
function writeOld(path: string, text: string): void {
  writeFileSync(path, text);
  const then = new Date(Date.now() - 60_000);
  utimesSync(path, then, then);
}
