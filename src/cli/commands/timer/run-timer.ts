import { realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { exitCodes, usage } from '../../../lib/problem.ts';
import { cronFile, serviceUnit, type TimerView, timerUnit, unitName } from '../../../report/units.ts';
import type { Io, Options } from '../../command.ts';
import { writeOutputs } from '../../output-files.ts';
import { existingState, outOf } from '../../state.ts';

interface TextFile {
  readonly name: string;
  readonly content: string;
}

/** certrelay timer: units or a cron file with the paths of this installation and this state. */
export async function runTimer(options: Options, io: Io): Promise<number> {
  // Units for a folder without a set-up would fail every day from now on.
  existingState(options, io);
  const view = viewOf(options, io);
  const files: readonly TextFile[] =
    options.cron === true
      ? [{ name: 'certrelay', content: cronFile(view) }]
      : [
          { name: `${unitName}.service`, content: serviceUnit(view) },
          { name: `${unitName}.timer`, content: timerUnit(view) },
        ];
  const folder = typeof options.write === 'string' ? options.write : undefined;
  const written = folder === undefined ? [] : await writeOutputs(folder, 'units', files, options, io);
  if (options.json === true) {
    const document = { schema: 'certrelay/timer@1', changed: written.length > 0, written, files };
    io.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
  } else if (folder === undefined) {
    io.stdout.write(files.map(({ content }) => content).join('\n'));
  } else if (options.quiet !== true) {
    io.stdout.write(
      written.length === 0 ? 'nothing changed\n' : written.map((name) => `written  ${join(folder, name)}\n`).join(''),
    );
  }
  return exitCodes.done[0];
}

function viewOf(options: Options, io: Io): TimerView {
  const text = (name: string) => {
    const value = options[name];
    return typeof value === 'string' ? oneLine(name, value) : undefined;
  };
  const [user, calendar, hook] = [text('user'), text('calendar'), text('deployHook')];
  if (user !== undefined && !/^[a-z_][a-z0-9_-]*\$?$/i.test(user)) {
    throw usage('timer-user', `--user: ${JSON.stringify(user)} is no user name`, 'such as root');
  }
  const passphraseFile = text('passphraseFile');
  const out = oneLine('out', resolve(io.cwd, outOf(options)));
  return {
    command: commandLine(options),
    // What runs now runs then: a service has neither this shell's PATH nor its versions of Node.
    program: [...new Set([process.execPath, realpathSync(process.argv[1] ?? '')])],
    out,
    calendar: calendar ?? 'daily',
    ...(user === undefined ? {} : { user }),
    ...(hook === undefined ? {} : { deployHook: hook }),
    ...(passphraseFile === undefined ? {} : { passphraseFile: resolve(io.cwd, passphraseFile) }),
  };
}

/** The head of each file says how it was made, without what only this run was asked. */
function commandLine(options: Options): string {
  const words = Object.entries(options)
    .filter(([name, value]) => name !== 'write' && typeof value === 'string')
    .map(([name, value]) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} ${String(value)}`);
  return ['certrelay timer', ...(options.cron === true ? ['--cron'] : []), ...words].join(' ');
}

function oneLine(name: string, value: string): string {
  if (!/[\p{Cc}\u2028\u2029]/u.test(value) && value !== '') return value;
  throw usage(
    'timer-text',
    `--${name}: ${JSON.stringify(value.slice(0, 80))} cannot stand in a unit`,
    'give text on one line',
  );
}
