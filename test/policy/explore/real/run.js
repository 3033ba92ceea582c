// Explores random servers and plays the witnesses of their paths to a real Postfix: it must reply as the path says.
import { parseArgs } from 'node:util';
import { bundled } from '../../../setup/bundle.js';
import { enclosed } from '../../../setup/enclosed.js';

const { values } = parseArgs({
  options: {
    servers: { type: 'string', default: '100' },
    witnesses: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '600' },
    // 1: all ways that an audit of "who can relay" finds, instead of some paths of all kinds.
    ways: { type: 'string', default: '0' },
    root: { type: 'string', default: '' },
  },
});

const { root, ...numbers } = values;
const task = { root, ...Object.fromEntries(Object.entries(numbers).map(([name, text]) => [name, Number(text)])) };
process.exitCode = await enclosed(await bundled(new URL('worker.ts', import.meta.url)), task);
