// npm run bench [-- NAME…]: every measurement beside what a user would use instead. Read by people, asserted by nobody.
import { readdirSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';

const wanted = process.argv.slice(2);
const files = readdirSync(new URL('.', import.meta.url)).filter((name) => name.endsWith('.bench.js'));
const chosen = files.filter((name) => wanted.length === 0 || wanted.includes(name.replace('.bench.js', '')));
if (chosen.length === 0) {
  console.error(`no such benchmark; there are: ${files.map((name) => name.replace('.bench.js', '')).join(', ')}`);
  process.exit(2);
}
console.log(
  `node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, load ${loadavg()[0]?.toFixed(2)}`,
);
for (const name of chosen) {
  const { title, run } = await import(new URL(name, import.meta.url).href);
  console.log(`\n${title}`);
  for (const { what, value, note = '' } of await run()) {
    console.log(`  ${what.padEnd(58)} ${value.padStart(12)}  ${note}`);
  }
}
