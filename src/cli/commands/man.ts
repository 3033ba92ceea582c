import { exitCodes, usage } from '../../lib/problem.ts';
import { certrelayVersion } from '../../lib/version.ts';
import type { Command } from '../command.ts';

export const man: Command = {
  name: 'man',
  doc: 'the manual page certrelay(1), for man and mandoc',
  examples: [
    ['certrelay man | man -l -', 'read it'],
    ['certrelay man >/usr/local/share/man/man1/certrelay.1', 'where "man certrelay" finds it'],
  ],
  options: [],
  /** SOURCE_DATE_EPOCH dates the page, for builds that must be reproducible. */
  async run(_args, options, io, all) {
    const { grammarOf } = await import('../completion/grammar.ts');
    const { manualPage } = await import('../completion/manual-page.ts');
    const epoch = io.env.SOURCE_DATE_EPOCH;
    if (epoch !== undefined && !/^\d{1,11}$/.test(epoch)) {
      throw usage('source-date', `SOURCE_DATE_EPOCH: "${epoch}" is not a number of seconds`, 'as "date +%s" prints it');
    }
    const date = (epoch === undefined ? io.now() : new Date(Number(epoch) * 1000)).toISOString().slice(0, 10);
    const page = manualPage(grammarOf(all), {
      ...{ version: certrelayVersion, date },
      exitCodes: Object.values(exitCodes),
    });
    io.stdout.write(options.json === true ? `${JSON.stringify({ schema: 'certrelay/man@1', page })}\n` : page);
    return 0;
  },
};
