import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must } from './timing.js';

const root = '/usr/lib/postgresql';

/**
 * A PostgreSQL in a folder, reached by its socket there; undefined where none is installed or this is not root. `run` gets its
 * psql, as a function of arguments and standard input, and it is ended afterwards.
 */
export async function withPostgres(folder, run) {
  const [newest] = spawnSync('ls', [root], { encoding: 'utf8' }).stdout.split('\n').sort().reverse();
  if (newest === '' || newest === undefined || process.getuid?.() !== 0) return undefined;
  const program = (name) => join(root, readdirSync(root).includes(newest) ? newest : '', 'bin', name);
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  chmodSync(folder, 0o711);
  const [uid, gid] = ['-u', '-g'].map((flag) =>
    Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout),
  );
  for (const path of [folder, data]) chownSync(path, uid, gid);
  const as = ['--reuid=postgres', '--regid=postgres', '--clear-groups'];
  must('setpriv', [...as, program('initdb'), '-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync', '--locale=C']);
  writeFileSync(join(data, 'pg_hba.conf'), 'local all all trust\n');
  const settings = ['-c', 'listen_addresses=', '-k', folder];
  const server = spawn('setpriv', [...as, program('postgres'), '-D', data, ...settings], { stdio: 'ignore' });
  const psql = (args, input = '') =>
    spawnSync(program('psql'), ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-h', folder, '-U', 'postgres', ...args], {
      input,
    });
  try {
    for (let tries = 0; psql(['-d', 'postgres', '-c', 'SELECT 1']).status !== 0; tries++) {
      if (tries === 200) throw new Error('PostgreSQL does not answer');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    psql(['-d', 'postgres', '-c', 'CREATE DATABASE certrelay']);
    return run((args, input) => {
      const ran = psql(['-d', 'certrelay', ...args], input);
      if (ran.status !== 0) throw new Error(String(ran.stderr));
    });
  } finally {
    const gone = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGQUIT');
    await gone;
  }
}
