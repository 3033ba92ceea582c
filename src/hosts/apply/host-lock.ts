import { CertrelayError } from '../../lib/problem.ts';
import { takeLock } from '../../provision/state/lock.ts';

/** The lock of one Postfix: install.sh takes the same. */
export interface Holding {
  /** @throws CertrelayError when the lock could not be made, on a read-only file system for example. */
  mustBeHeld(): void;
  release(): void;
}

/**
 * One run at a time on a Postfix, whatever folder it installs: two would edit the same main.cf. Where the lock cannot be made,
 * a run that changes nothing needs none.
 * @throws CertrelayError (locked) while another run holds it.
 */
export async function holding(config: string, command: string, now: () => Date): Promise<Holding> {
  try {
    const lock = await takeLock(config, { name: '.certrelay.lock', command, now });
    return { mustBeHeld: () => {}, release: () => lock.release() };
  } catch (error) {
    if (!(error instanceof CertrelayError) || error.exit === 'locked') throw error;
    return {
      mustBeHeld() {
        throw error;
      },
      release: () => {},
    };
  }
}
