import { spawnSync } from 'node:child_process';
import { fc, it as property } from '@fast-check/vitest';
import { Command, Option } from 'commander';
import { describe, expect, it } from 'vitest';
import type { Options } from '../../../src/cli/command.ts';
import { outOption } from '../../../src/cli/global-options.ts';
import { equivalentCommand } from '../../../src/cli/wizard/equivalent-command.ts';
import { longFlag, optionKey } from '../../../src/cli/wizard/option-names.ts';
import { setUpOptions } from '../../../src/provision/settings/set-up-options.ts';

/** The words that sh makes of a command line, `certrelay` first. */
function wordsOf(line: string): string[] {
  const script = `certrelay() { printf '%s\\0' certrelay "$@"; }\n${line}\n`;
  const { stdout, stderr, status } = spawnSync('sh', ['-eu'], { input: script, encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  return stdout.split('\0').slice(0, -1);
}

/** The options that the command line parser makes of a command line. */
function optionsOf(line: string): Options {
  const [program, command, ...words] = wordsOf(line);
  expect([program, command]).toEqual(['certrelay', 'init']);
  const parser = new Command().exitOverride().allowExcessArguments(false).option('--yes');
  for (const row of [...setUpOptions, outOption]) parser.addOption(new Option(row.flags));
  return parser.parse(words, { from: 'user' }).opts();
}

describe('equivalentCommand', () => {
  it('says what differs from the defaults, and asks nothing', () => {
    const options = {
      out: 'out',
      server: ['mail.example.com'],
      client: ['web1.example.com', 'web2.example.com'],
      os: 'debian12',
      clientOs: 'debian12',
      digest: 'sha256',
      relayPort: '25',
      permitSasl: true,
    };
    expect(equivalentCommand(options)).toBe(
      'certrelay init --server mail.example.com --client web1.example.com web2.example.com --os debian12 --client-os debian12 --digest sha256 --yes',
    );
  });

  it('leaves out what concerns the output alone', () => {
    expect(equivalentCommand({ json: true, color: false, quiet: true, yes: true, dryRun: true })).toBe(
      'certrelay init --yes',
    );
  });

  it('names the folder when it is not the usual one', () => {
    expect(equivalentCommand({ out: '/srv/relay ca' })).toBe("certrelay init --out '/srv/relay ca' --yes");
  });

  it('says "no" by the flag that says it', () => {
    expect(equivalentCommand({ permitSasl: false })).toBe('certrelay init --no-permit-sasl --yes');
  });

  it('shows where a passphrase that was typed belongs', () => {
    expect(equivalentCommand({}, { passphraseTyped: true })).toBe('certrelay init --passphrase-file FILE --yes');
    expect(equivalentCommand({ passphraseFile: '/root/p' }, { passphraseTyped: true })).toBe(
      'certrelay init --passphrase-file /root/p --yes',
    );
  });

  it('says a default where something else might hold', () => {
    expect(equivalentCommand({ digest: 'sha1' })).toBe('certrelay init --yes');
    expect(equivalentCommand({ digest: 'sha1' }, { existing: true })).toBe('certrelay init --digest sha1 --yes');
    expect(equivalentCommand({ digest: 'sha1', config: 'a.yaml' })).toBe(
      'certrelay init --digest sha1 --config a.yaml --yes',
    );
  });

  it('quotes what sh would read otherwise', () => {
    const mynetworks = `10.0.0.0/8, !10.1.0.0/16 $HOME \`id\` "x" 'y' ~ # & \\`;
    expect(optionsOf(equivalentCommand({ mynetworks })).mynetworks).toBe(mynetworks);
  });

  // Arguments end at a NUL byte; all else, however odd, must arrive as it was.
  const odd = fc
    .oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('', '-', '--', '--yes', '-x', '~', "'", '\n', '=', '$(id)'),
    )
    .map((text) => text.replaceAll('\0', ''));
  const isSwitch = (flags: string) => flags.startsWith('--no-');
  const isList = (flags: string) => flags.includes('...');
  const anyOptions = fc.record(
    Object.fromEntries(
      [...setUpOptions, outOption].map((row) => [
        optionKey(row),
        isSwitch(row.flags)
          ? fc.constant(false)
          : isList(row.flags)
            ? fc.array(odd, { minLength: 1, maxLength: 4 })
            : odd,
      ]),
    ),
    { requiredKeys: [] },
  );

  property.prop([anyOptions], { numRuns: 60 })('is read back by sh and the parser as the same options', (options) => {
    const parsed = optionsOf(equivalentCommand(options, { existing: true }));
    const { out = 'out', ...expected } = options;
    expect({ permitSasl: true, out: 'out', ...parsed }).toEqual({ permitSasl: true, ...expected, out, yes: true });
  });
});

describe('option names', () => {
  it.each(setUpOptions.map((row) => [row.flags, row] as const))('of %s are those of the parser', (_, row) => {
    const option = new Option(row.flags);
    expect(longFlag(row)).toBe(option.long);
    expect(optionKey(row)).toBe(option.attributeName());
  });
});
