import type { Ended } from './programs.ts';

/** The label of the ports on which SELinux lets a mail server listen. */
const label = 'smtp_port_t';

/** Runs a program of the system, by name. */
type RunSystem = (program: string, ...args: readonly string[]) => Ended;

/**
 * Whether SELinux lets a mail server listen on a TCP port: `yes` where it enforces nothing (getenforce(8)), `unknown` where
 * it enforces and nothing tells which ports there are (semanage(8) is a package of its own).
 */
export function mayListen(port: number, run: RunSystem): 'yes' | 'no' | 'unknown' {
  if (run('getenforce').stdout.trim() !== 'Enforcing') return 'yes';
  const listed = run('semanage', 'port', '-l');
  if (listed.status !== 0) return 'unknown';
  const ranges = listed.stdout.split('\n').flatMap((line) => {
    const [name, protocol, ...ports] = line.trim().split(/[\s,]+/);
    return name === label && protocol === 'tcp' ? ports : [];
  });
  const isIn = (range: string) => {
    const [first = Number.NaN, last = first] = range.split('-').map(Number);
    return first <= port && port <= last;
  };
  return ranges.some(isIn) ? 'yes' : 'no';
}

/** What lets it listen there. */
export function labelCommand(port: number): string {
  return `semanage port -a -t ${label} -p tcp ${port}`;
}
