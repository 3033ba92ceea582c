import { dirname, resolve } from 'node:path';
import { installedMailVersion } from '../../../hosts/programs/programs.ts';
import { readText } from '../../../lib/files/read.ts';
import { presets } from '../../../policy/postfix/presets/presets.ts';
import { currentAuthority } from '../../../provision/ledger/ledger-state.ts';
import { isListed } from '../../../provision/ledger/listed-lines.ts';
import { type Answers, readAnswers } from '../../../provision/settings/answers.ts';
import { type ConfigFile, keyOfName } from '../../../provision/settings/given-values.ts';
import { detectedVersion } from '../../../provision/settings/postfix-version.ts';
import type { Stored } from '../../../provision/state/store.ts';
import type { Io, Options } from '../../command.ts';

/** Everything outside the flags that may answer a question of init, read once. */
export interface InitContext {
  readonly detected: string | undefined;
  /** Keys of the options that the file of `--config` settles. */
  readonly configured: readonly string[];
  /** The answers that a set of options leads to, over what is stored. */
  answer(options: Options, stored: Stored, importing?: boolean): Answers;
  /** The file of the passphrase, as flags or config name it, before anything else is judged. */
  passphraseFile(options: Options): string | undefined;
}

/**
 * Reads what flags, `--config` and this machine say.
 * @throws CertrelayError (usage) for a file that cannot be read or understood.
 */
export async function readInitContext(options: Options, io: Io): Promise<InitContext> {
  const config = typeof options.config === 'string' ? await configFile(options.config, io.cwd) : undefined;
  const mailVersion = installedMailVersion();
  const detected = mailVersion === undefined ? undefined : detectedVersion(mailVersion);
  const values = config?.values;
  const configured =
    typeof values === 'object' && values !== null ? Object.keys(values).map((name) => keyOfName(name) ?? name) : [];
  return {
    detected,
    configured,
    passphraseFile(flags) {
      if (typeof flags.passphraseFile === 'string') return flags.passphraseFile;
      const named = typeof values === 'object' && values !== null ? Object.entries(values) : [];
      const file = named.find(([name]) => name === 'passphrase-file')?.[1];
      return typeof file === 'string' && config !== undefined ? resolve(dirname(config.file), file) : undefined;
    },
    answer: (flags, stored, importing = false) =>
      readAnswers({
        flags,
        config,
        existing: stored.inventory,
        authority: currentAuthority(stored.state),
        presets: presets.map(({ name, version, tableType }) => ({ name, version, tableType })),
        detected,
        listed: importing || stored.state.listed.some(isListed),
        read: (path) => readText(resolve(io.cwd, path)),
      }),
  };
}

async function configFile(file: string, cwd: string): Promise<ConfigFile> {
  const { readConfigFile } = await import('./config-file.ts');
  return readConfigFile(file, cwd);
}
