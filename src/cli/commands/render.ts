import { loadedAhead } from '../ahead.ts';
import type { Command } from '../command.ts';
import { outOption } from '../global-options.ts';

export const render: Command = {
  name: 'render',
  doc: 'maps, fragments and certificate files again from inventory and ledger; unchanged files are not touched',
  examples: [
    ['certrelay render', 'bring out/ to what inventory and ledger say'],
    ['certrelay render --check', 'change nothing; exit 6 when something would change'],
    ['certrelay render --diff --check', 'and show what'],
  ],
  options: [
    outOption,
    { flags: '--check', doc: 'change nothing, exit 6 when something would change' },
    { flags: '--diff', doc: 'show each change; of files with private keys only that they change' },
    { flags: '--wait', doc: 'wait while another run holds the lock' },
  ],
  async run(_args, options, io) {
    const [{ runRender }, files] = await loadedAhead(() => import('./set-up/run-render.ts'), options, io);
    return runRender(options, io, files);
  },
};
