import type { Values } from '../../policy/postfix/postconf-values.ts';
import { readValues } from '../../policy/postfix/postconf-values.ts';
import type { Ended, RunProgram } from './programs.ts';

/** Postfix's own programs, for one configuration directory. Nothing here throws; what a program says is the answer. */
export class PostfixPrograms {
  readonly config: string;
  readonly #run: RunProgram;

  constructor(run: RunProgram, config: string) {
    this.#run = run;
    this.config = config;
  }

  /** The same programs over another configuration directory. */
  over(config: string): PostfixPrograms {
    return new PostfixPrograms(this.#run, config);
  }

  postconf(...args: readonly string[]): Ended {
    return this.#run('postconf', ['-c', this.config, ...args]);
  }

  postmap(args: readonly string[], input?: string): Ended {
    return this.#run('postmap', ['-c', this.config, ...args], input);
  }

  /** postfix(1): `check`, `status`, `reload`, `start`. */
  postfix(command: 'check' | 'status' | 'reload' | 'start'): Ended {
    return this.#run('postfix', ['-c', this.config, command]);
  }

  /** A program of the system, by name. */
  system(program: string, ...args: readonly string[]): Ended {
    return this.#run(program, args);
  }

  /** What main.cf sets (`postconf -n`). */
  set(): Values {
    return readValues(this.postconf('-n').stdout);
  }

  /** The value in force, as written; empty for a parameter that is not known. */
  value(name: string): string {
    return this.postconf('-h', name).stdout.trim();
  }

  /** The value in force with every `$name` in it filled in. */
  expanded(name: string): string {
    return this.postconf('-xh', name).stdout.trim();
  }

  /** The same for several, in one call. */
  expandedValues(...names: readonly string[]): Values {
    return readValues(this.postconf('-x', ...names).stdout);
  }

  /** The lookup table types that this Postfix can open (`postconf -m`). */
  tableTypes(): readonly string[] {
    return this.postconf('-m').stdout.split('\n').filter(Boolean);
  }

  runs(): boolean {
    return this.postfix('status').status === 0;
  }
}
