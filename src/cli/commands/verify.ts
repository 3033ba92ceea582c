import { loadedAhead } from '../ahead.ts';
import type { Command } from '../command.ts';
import { outOption } from '../global-options.ts';

export const verify: Command = {
  name: 'verify',
  doc: 'judge the rendered configuration: exactly the listed certificates may relay',
  examples: [
    ['certrelay verify', 'what lies in out/, over the base of the set-up'],
    [
      'certrelay verify --main-cf postconf.txt --master-cf master.cf --service 587',
      "over the server's present settings",
    ],
  ],
  options: [
    outOption,
    { flags: '--main-cf <file>', doc: 'lay the fragment over this main.cf or "postconf -n"' },
    { flags: '--master-cf <file>', doc: 'and use the -o settings of this master.cf' },
    {
      flags: '--service <name>',
      doc: 'the service of master.cf that clients reach, by name or port',
      fallback: 'smtp',
    },
    { flags: '--table <path=file...>', doc: 'the source of a lookup table, by the path that main.cf names' },
  ],
  async run(_args, options, io) {
    const [{ runVerify }, files] = await loadedAhead(() => import('./set-up/run-verify.ts'), options, io);
    return runVerify(options, io, files);
  },
};
