import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Machine } from './machine.ts';
import { until } from './until.ts';

/** A connection to a mail server over STARTTLS with a client certificate that stays open while the test goes on. */
export class OpenConnection {
  readonly #program: ChildProcess;
  #heard = '';

  /** `pem` is a file on the machine with key and certificate. */
  constructor(machine: Machine, server: string, pem: string) {
    const tls = ['-quiet', '-starttls', 'smtp', '-connect', `${server}:25`, '-cert', pem, '-key', pem];
    this.#program = machine.spawn('openssl', 's_client', ...tls);
    this.#program.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#heard += text;
    });
  }

  /** Says a line, and answers the last line of the reply. */
  async say(line: string): Promise<string> {
    const before = this.#heard.length;
    this.#program.stdin?.write(`${line}\r\n`);
    const find = () => /^[0-9]{3} .*$/m.exec(this.#heard.slice(before))?.[0].trim();
    return until(`reply to "${line}"`, find, { describe: () => this.#heard });
  }

  async close(): Promise<void> {
    const gone = once(this.#program, 'exit');
    this.#program.stdin?.end('quit\r\n');
    await gone;
  }
}
