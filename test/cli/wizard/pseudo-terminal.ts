import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** What the terminal shows once the program is gone. */
const ended = /^\[status (\d+), (\w+)\]$/m;

let started = 0;

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** How a program on the terminal ended, and how it left the terminal. */
export interface Ending {
  readonly status: number;
  /** Line editing by the terminal itself, as a shell expects it. */
  readonly cooked: boolean;
  readonly cursorShown: boolean;
}

/**
 * A real terminal with one program on it: a tmux server of its own, so that nothing of the user's is touched.
 * Nothing here waits for a time, only for what the screen shows, up to a deadline.
 */
export class PseudoTerminal {
  private readonly socket = `certrelay-test-${process.pid}-${started++}`;

  /** `command` is a line for sh; its exit status and the state of the terminal are printed after it. */
  constructor(command: string, { columns = 80, rows = 50 }: Partial<Size> = {}) {
    const script = [
      command,
      'status=$?',
      'case "$(stty -a)" in *" -icanon"*) mode=raw ;; *) mode=cooked ;; esac',
      'printf "\\n[status %s, %s]\\n" "$status" "$mode"',
      // Keeps the screen until it was looked at.
      'exec cat',
    ].join('\n');
    const size = ['-x', String(columns), '-y', String(rows)];
    this.tmux('new-session', '-d', ...size, 'sh', '-c', script);
  }

  private tmux(...args: readonly string[]): string {
    // Without the environment of the test runner, which asks for colour on its own behalf.
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, LANG: 'C.UTF-8', TERM: 'xterm-256color' };
    return execFileSync('tmux', ['-L', this.socket, '-f', '/dev/null', ...args], { encoding: 'utf8', env });
  }

  /** Everything that was shown, also what has left the screen; lines that the terminal wrapped are joined. */
  text(): string {
    return this.tmux('capture-pane', '-p', '-J', '-S', '-').replace(/[ \n]+$/, '');
  }

  /** The lines as they stand on the screen, and those that have left it. */
  lines(): readonly string[] {
    return this.tmux('capture-pane', '-p', '-S', '-').replace(/\n+$/, '').split('\n');
  }

  /** With the escape sequences for colour and style. */
  styled(): string {
    return this.tmux('capture-pane', '-p', '-e', '-S', '-');
  }

  /** Presses keys by tmux's names: `Enter`, `Down`, `C-c`. */
  press(...keys: readonly string[]): void {
    this.tmux('send-keys', ...keys);
  }

  /** Types text as it is. */
  type(text: string): void {
    this.tmux('send-keys', '-l', '--', text);
  }

  /** The text shown, once `shown` is in it; fails with the screen after `seconds`, or when the program has ended. */
  async see(shown: string | RegExp, seconds = 25): Promise<string> {
    const deadline = performance.now() + seconds * 1000;
    for (;;) {
      const text = this.text();
      if (typeof shown === 'string' ? text.includes(shown) : shown.test(text)) return text;
      const isOver = ended.test(text) || performance.now() > deadline;
      if (isOver) throw new Error(`not shown in ${seconds} s, or before the end: ${shown}\n--- screen:\n${text}`);
      await pause(20);
    }
  }

  /** Waits for the question, then answers it: text as typed, then the keys. */
  async answer(question: string, text: string, ...keys: readonly string[]): Promise<void> {
    // The answered question stays on the screen with another mark; only the open one begins with "?".
    await this.see(new RegExp(`^\\? ${escaped(question)}`, 'm'));
    if (text !== '') this.type(text);
    this.press(...keys, 'Enter');
  }

  async ending(): Promise<Ending> {
    const text = await this.see(ended, 40);
    const [, status, mode] = ended.exec(text) ?? [];
    const cursor = this.tmux('display-message', '-p', '#{cursor_flag}').trim();
    return { status: Number(status), cooked: mode === 'cooked', cursorShown: cursor === '1' };
  }

  /** The process that runs on the terminal, below its shell. */
  programPid(): number {
    const shell = this.tmux('display-message', '-p', '#{pane_pid}').trim();
    return Number(execFileSync('ps', ['--ppid', shell, '-o', 'pid='], { encoding: 'utf8' }).trim().split(/\s+/)[0]);
  }

  /** Takes the terminal away; whatever runs on it is hung up. */
  close(): void {
    const socket = this.tmux('display-message', '-p', '#{socket_path}').trim();
    this.tmux('kill-server');
    rmSync(socket, { force: true });
  }
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
