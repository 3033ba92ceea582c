import { exitCodes, usage } from '../../lib/problem.ts';
import { certrelayVersion } from '../../lib/version.ts';
import type { Io, Options } from '../command.ts';
import { commands } from '../commands/index.ts';
import { grammarOf } from './grammar.ts';
import { manualPage } from './manual-page.ts';

/** Prints the manual page. SOURCE_DATE_EPOCH dates it, for builds that are to come out the same again. */
export function runMan(options: Options, io: Io): number {
  const epoch = io.env.SOURCE_DATE_EPOCH;
  if (epoch !== undefined && !/^\d{1,11}$/.test(epoch)) {
    throw usage('source-date', `SOURCE_DATE_EPOCH: "${epoch}" is no number of seconds`, 'as "date +%s" prints it');
  }
  const date = (epoch === undefined ? io.now() : new Date(Number(epoch) * 1000)).toISOString().slice(0, 10);
  const page = manualPage(grammarOf(commands), {
    ...{ version: certrelayVersion, date },
    exitCodes: Object.values(exitCodes),
  });
  io.stdout.write(options.json === true ? `${JSON.stringify({ schema: 'certrelay/man@1', page })}\n` : page);
  return 0;
}
