import { loadedAhead } from '../ahead.ts';
import type { Command } from '../command.ts';
import { outOption } from '../global-options.ts';

export const status: Command = {
  name: 'status',
  doc: 'what exists, what expires when, what is due and waits for what, and what drifted on disk',
  examples: [
    ['certrelay status', 'the answer first, then the table; exit 5 when something is due, expired or drifted'],
    ['certrelay status --all', 'every certificate, also those that ended'],
    ['certrelay status --expires-in 30d --quiet', 'for monitoring: says nothing unless something ends within 30 days'],
    [
      'certrelay status --metrics /var/lib/prometheus/node-exporter/certrelay.prom --quiet',
      "for the textfile collector of Prometheus' node exporter",
    ],
  ],
  options: [
    outOption,
    { flags: '--all', doc: 'list everything, however much it is' },
    {
      flags: '--expires-in <when>',
      doc: 'instead of what is due: what ends within a duration (30d, 36h), or has a part of its lifetime behind it (75%)',
    },
    { flags: '--metrics <file>', doc: 'also write metrics in the text format of Prometheus', writes: 'metrics' },
  ],
  async run(_args, options, io) {
    const [{ runStatus }, files] = await loadedAhead(() => import('./status/run-status.ts'), options, io);
    return runStatus(options, io, files);
  },
};
