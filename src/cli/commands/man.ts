import type { Command } from '../command.ts';

export const man: Command = {
  name: 'man',
  doc: 'the manual page certrelay(1), for man and mandoc',
  examples: [
    ['certrelay man | man -l -', 'read it'],
    ['certrelay man >/usr/local/share/man/man1/certrelay.1', 'where "man certrelay" finds it'],
  ],
  options: [],
  async run(_args, options, io) {
    const { runMan } = await import('../completion/run-man.ts');
    return runMan(options, io);
  },
};
