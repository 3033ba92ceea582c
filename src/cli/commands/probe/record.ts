import type { Credential } from '../../../hosts/probe/credential.ts';
import { CertrelayError, type Problem, usage } from '../../../lib/problem.ts';
import { inUseEvents } from '../../../provision/rotation/seen-in-use.ts';
import { settle } from '../../../provision/state/settle.ts';
import type { Io, Options } from '../../command.ts';
import { withLock } from '../../lock.ts';
import { existingState } from '../../state.ts';

type State = ReturnType<typeof existingState>;

/** Refuses what could not be noted, before anybody is asked anything. @throws CertrelayError (usage) */
export function checkRecord(credential: Credential | undefined, { state }: State): void {
  if (credential === undefined)
    throw usage('record-nothing', '--record notes that a certificate is in use, and none is shown', 'give --as NAME');
  const { sha256 } = credential.facts.fingerprint;
  if (state.certificates.every(({ fingerprint }) => fingerprint.sha256 !== sha256))
    throw usage(
      'record-unknown',
      `the ledger does not have the certificate of "${credential.holder}"`,
      'only what this set-up issued or listed can be noted as in use; --out names another',
    );
}

/**
 * Notes in the ledger that the certificate is in use; what waited for that falls due. Answers with whether it was news.
 * @throws CertrelayError when another run holds the lock.
 */
export async function record({ facts }: Credential, options: Options, io: Io): Promise<boolean> {
  return withLock('certrelay probe', options, io, async () => {
    const stored = existingState(options, io);
    const seen = { fingerprints: new Set([facts.fingerprint.sha256]), lines: 1 };
    const events = inUseEvents(seen, stored.state, io.now());
    if (events.length === 0) return false;
    const settled = await settle(stored, { inventory: stored.inventory, events, keys: [] });
    if (settled.written) return true;
    const problem: Problem = {
      code: 'record-refused',
      message: 'nothing was noted: the set-up as it is cannot be proved',
      hint: 'see "certrelay verify"',
    };
    throw new CertrelayError(settled.proof === 'broken' ? 'denied' : 'unknown', problem);
  });
}
