import { CertrelayError } from '../../lib/problem.ts';
import type { Command } from '../command.ts';

export const restrictions: Command = {
  name: 'restrictions',
  doc: 'the table of smtpd restrictions that a Postfix version knows',
  examples: [
    ['certrelay restrictions --postfix 2.10', 'name, argument, and what it does'],
    ['certrelay restrictions --postfix 3.9 --json', 'the same for programs'],
  ],
  options: [{ flags: '--postfix <version>', doc: 'X.Y (newest patch level) or X.Y.Z', fallback: '3.11' }],
  async run(_args, options, io) {
    const { parseVersion } = await import('../../policy/postfix/version.ts');
    const { restrictionsOf } = await import('../../policy/smtpd/restrictions/index.ts');
    const { restrictionsDocument, restrictionsText } = await import('../../report/restrictions.ts');
    const version = parseVersion(typeof options.postfix === 'string' ? options.postfix : '3.11');
    if ('code' in version) throw new CertrelayError('usage', version);
    const known = restrictionsOf(version);
    io.stdout.write(options.json === true ? restrictionsDocument(version, known) : restrictionsText(version, known));
    return 0;
  },
};
