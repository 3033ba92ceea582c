import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Tells one process from every other that there ever was, on any machine. Parts that a system does not tell are empty. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** Changes with every start of the machine. */
  readonly boot: string;
  /** When the process began, in the kernel's ticks since boot: a pid is used again, the two together are not. */
  readonly started: string;
  /** Within which the pid means something: containers on one machine have their own. */
  readonly namespace: string;
}

function readIfAny(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** State letter and start time of proc(5)'s stat; both stand behind the command name, which may hold anything in parentheses. */
function statOf(pid: number): { readonly state: string; readonly started: string } {
  const stat = readIfAny(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', started: fields[19] ?? '' };
}

const bootId = (): string => readIfAny('/proc/sys/kernel/random/boot_id').trim();

function namespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

/** This process, as others may recognise it later: see `mayBeAlive`. */
export function thisProcess(): ProcessIdentity {
  const { pid } = process;
  return { pid, host: hostname(), boot: bootId(), started: statOf(pid).started, namespace: namespace() };
}

/**
 * False when the process is surely gone: the machine was started since, there is no such process, its pid belongs to a
 * later one, or it is dead and nobody has collected it yet. A process of another machine or
 * container cannot be seen and counts as there.
 */
export function mayBeAlive({ pid, host, boot, started, namespace: its }: ProcessIdentity): boolean {
  if (host !== hostname()) return true;
  const here = bootId();
  if (boot !== '' && here !== '' && boot !== here) return false;
  if (its !== namespace()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there and belongs to somebody else.
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
  }
  const now = statOf(pid);
  if (now.state === 'Z' || now.state === 'X') return false;
  return started === '' || now.started === '' || started === now.started;
}
