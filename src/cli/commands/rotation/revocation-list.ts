import { join } from 'node:path';
import { readTextIfAny } from '../../../lib/files/read.ts';
import { usage } from '../../../lib/problem.ts';
import { openKnownAuthority } from '../../../provision/issue/issue-missing.ts';
import { currentAuthority, type LedgerState } from '../../../provision/ledger/ledger-state.ts';
import { issueRevocationList } from '../../../provision/pki/crl.ts';
import type { Io, Options } from '../../command.ts';
import { writeOutput } from '../../output-files.ts';
import { passphraseFor } from '../../passphrase.ts';

/** Writes the revocation list of the present authority to a file of the operator's. Postfix reads none. */
export async function writeRevocationList(
  file: string,
  ledger: LedgerState,
  root: string,
  options: Options,
  io: Io,
): Promise<void> {
  const known = currentAuthority(ledger);
  if (known === undefined)
    throw usage(
      'authority-missing',
      'there is no authority whose list could be written',
      'make one with "certrelay init"',
    );
  const passphraseFile = typeof options.passphraseFile === 'string' ? options.passphraseFile : undefined;
  const now = io.now();
  const authority = await openKnownAuthority(known, {
    now,
    read: (path) => readTextIfAny(join(root, path)),
    passphrase: () => passphraseFor(root, undefined, passphraseFile, io),
  });
  const { pem } = await issueRevocationList(authority, ledger, now);
  await writeOutput(file, 'revocation-list', pem, options, io);
}
