import type { Command } from '../command.ts';
import { outOption } from '../global-options.ts';

export const timer: Command = {
  name: 'timer',
  doc: 'what runs "certrelay rotate --due" every day: a hardened systemd service with its timer, or a file for cron',
  examples: [
    ['certrelay timer --out /var/lib/certrelay', 'print both units'],
    [
      'certrelay timer --out /var/lib/certrelay --passphrase-file /etc/certrelay/passphrase --write /etc/systemd/system',
      'write them; then "systemctl enable --now certrelay-rotate.timer"',
    ],
    ['certrelay timer --cron >/etc/cron.d/certrelay', 'the same for cron'],
  ],
  options: [
    outOption,
    { flags: '--cron', doc: 'a file for /etc/cron.d in the place of units' },
    { flags: '--write <dir>', doc: 'write the files into this folder instead of printing them', writes: 'units' },
    { flags: '--calendar <when>', doc: 'when the timer elapses, as systemd.time(7) has it', fallback: 'daily' },
    { flags: '--user <name>', doc: 'the user who owns the state', fallback: 'root' },
    { flags: '--passphrase-file <file>', doc: "file whose first line is the passphrase of the authority's key" },
    { flags: '--deploy-hook <command>', doc: 'as of "certrelay rotate": brings files to a host' },
  ],
  async run(_args, options, io) {
    const { runTimer } = await import('./timer/run-timer.ts');
    return runTimer(options, io);
  },
};
