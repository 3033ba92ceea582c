// Starts a program in namespaces of its own: a host without others, which is gone when it or this process is.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const running = new Set();

// It would go on without us.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    for (const child of running) child.kill('SIGKILL');
    process.exit(1);
  });
}

/**
 * Runs a script of Node as a host of its own, and answers its exit code.
 * @param {string} script
 * @param {object} task what it is told, as JSON in its first argument
 * @param {(output: import('node:stream').Readable) => Promise<void>} [hear] reads its standard output, which is ours otherwise
 */
export async function enclosed(script, task, hear) {
  const argv = ['--net', '--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child', '--mount-proc'];
  const child = spawn('unshare', [...argv, process.execPath, script, JSON.stringify(task)], {
    stdio: ['ignore', hear === undefined ? 'inherit' : 'pipe', 'inherit'],
  });
  running.add(child);
  const exit = once(child, 'exit');
  if (hear !== undefined) await hear(child.stdout);
  const [code] = await exit;
  running.delete(child);
  return code ?? 1;
}
