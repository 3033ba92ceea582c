// Changes every row of the registries in turn and counts the changes that the recorded sessions and transcripts miss.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { bundled } from '../../setup/bundle.js';

const main = await bundled(new URL('main.ts', import.meta.url));
const tests = fileURLToPath(new URL('../..', import.meta.url));
const { status } = spawnSync(process.execPath, [main, tests], { stdio: 'inherit' });
process.exitCode = status ?? 1;
