import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Machine } from './machine.ts';
import { until } from './until.ts';

/** A message as it arrived: envelope and text. */
export interface Arrived {
  readonly from: string;
  readonly to: readonly string[];
  readonly text: string;
}

/** The world behind the server: a machine with a mail server that takes everything and keeps a list, and the name server. */
export class Outside {
  readonly arrived: Arrived[] = [];

  /** `zone` maps names to addresses. */
  static async open(machine: Machine, zone: Readonly<Record<string, string>>): Promise<Outside> {
    const outside = new Outside();
    const keep = (said: unknown) => outside.arrived.push(said as Arrived);
    await listening(start(machine, 'outside-names.js', JSON.stringify(zone)), () => {});
    await listening(start(machine, 'outside-server.js'), keep);
    return outside;
  }

  with(subject: string): Arrived | undefined {
    return this.arrived.find(({ text }) => text.includes(`\nSubject: ${subject}\n`));
  }

  /** The message with this subject, when it arrives; `describe` is asked for the story when it does not. */
  async message(subject: string, describe: () => string): Promise<Arrived> {
    return until(`message "${subject}" outside`, () => this.with(subject), { describe });
  }
}

function start(machine: Machine, script: string, ...args: readonly string[]): ChildProcess {
  return machine.spawn(process.execPath, fileURLToPath(new URL(script, import.meta.url)), ...args);
}

/** Waits until a program says that it listens; whatever it says later, a line of JSON each, goes to `hear`. */
async function listening(program: ChildProcess, hear: (said: unknown) => void): Promise<void> {
  let pending = '';
  let complaints = '';
  let ready = false;
  program.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (pending + text).split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) {
      const said: unknown = JSON.parse(line);
      if (said === 'listening') ready = true;
      else hear(said);
    }
  });
  program.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  await until('program that listens', () => (ready ? true : undefined), { describe: () => complaints });
}
