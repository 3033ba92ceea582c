// Explores random servers and plays the witnesses of their paths to a real Postfix: it must reply as the path says.
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { bundledWorker } from '../../differential/build.js';

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
const worker = await bundledWorker(new URL('worker.ts', import.meta.url));
const argv = ['--net', '--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child', '--mount-proc'];
const child = spawn('unshare', [...argv, process.execPath, worker, JSON.stringify(task)], {
  stdio: ['ignore', 'inherit', 'inherit'],
});
// The worker is a host of its own, which would go on without us.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    child.kill('SIGKILL');
    process.exit(1);
  });
}
child.once('exit', (code) => process.exit(code ?? 1));
