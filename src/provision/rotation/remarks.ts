import type { Problem } from '../../lib/problem.ts';
import type { LedgerState } from '../ledger/ledger-state.ts';
import type { Inventory } from '../settings/types.ts';
import type { RotateRequest } from './rotate-request.ts';
import type { RotationReport } from './rotation-report.ts';
import { seenNote } from './seen-in-use.ts';

/**
 * What a run of rotate says beside what it did: what the choice of key means for those who pin certificates or keys, which hosts
 * have nothing to issue, what is under way already, and what a log did not show.
 */
export function rotationRemarks(
  { inventory, state }: { readonly inventory: Inventory; readonly state: LedgerState },
  wish: RotateRequest,
  { performed, pending, inUse }: RotationReport,
): readonly Problem[] {
  const { names } = wish.selection;
  const hasOwnKey = (holder: string) =>
    state.of(holder).some(({ origin }) => origin === 'request' || origin === 'elsewhere');
  const isKeyAsked = performed.some(
    ({ kind, role, holder }) => kind === 'issue' && role !== 'authority' && !hasOwnKey(holder),
  );
  const notes: Problem[] = [];
  if (isKeyAsked && wish.reuseKey) {
    notes.push({
      code: 'key-stays',
      message:
        inventory.settings.pin === 'certificate'
          ? "the key stays: the certificate's fingerprint changes and the public key's does not, but the maps list certificates"
          : 'the key stays: the fingerprint of the certificate changes, and lines that list the public key stay as they are',
    });
  } else if (isKeyAsked) {
    notes.push({
      code: 'key-changes',
      message:
        'a new key: the fingerprints of certificate and public key both change; whoever pins one of them needs the new one first',
    });
  }
  if (wish.inUseLogs.length > 0 && inUse.length === 0) notes.push(seenNote(wish.seen));
  for (const name of names ?? []) {
    const isIssued = performed.some(({ kind, holder }) => kind === 'issue' && holder === name);
    const waits = pending.some(({ kind, holder }) => kind !== 'issue' && holder === name);
    if (!isIssued && waits && performed.every(({ holder }) => holder !== name)) notes.push(underWay(name, wish));
    const live = state.of(name).filter((one) => one.retired === undefined && one.revoked === undefined);
    const isFollowed = live.some(({ source }) => source !== undefined);
    if (live.length > 0 && !isFollowed && live.every(({ origin }) => origin === 'elsewhere')) {
      notes.push({
        code: 'from-elsewhere',
        message: `the certificates of "${name}" come from elsewhere, so there is nothing to issue`,
        hint: `add its next one: "certrelay add ${name} --cert FILE"`,
      });
    }
    if (inventory.settings.serverCert === 'keep' && inventory.servers.some((one) => one.name === name)) {
      notes.push({
        code: 'keeps-certificate',
        message: `"${name}" keeps a certificate of its own, which is renewed where it comes from`,
      });
    }
    if (live.some(({ origin }) => origin === 'request')) {
      notes.push({
        code: 'key-on-host',
        message: `the key of "${name}" is on its host, so its next certificate is for the same key`,
        hint: `on the host, before install.sh: cat KEY ${name}.crt > ${name}.pem; for another key: "certrelay add ${name} --csr FILE"`,
      });
    }
  }
  return notes;
}

/** A rotation that waits is continued by whoever names its host; a second one beside it is never begun. */
function underWay(name: string, { overlap, reuseKey }: RotateRequest): Problem {
  const given = [...(overlap === undefined ? [] : ['--overlap']), ...(reuseKey ? ['--reuse-key'] : [])];
  const ignored =
    given.length === 0
      ? ''
      : `; ${given.join(' and ')} ${given.length === 1 ? 'says' : 'say'} nothing about what has begun`;
  return {
    code: 'rotation-under-way',
    message: `a rotation of "${name}" is under way and waits: nothing more is issued until it is over${ignored}`,
    hint: `to end the overlap at once, take the old certificate out: "certrelay remove ${name} --serial SERIAL"`,
  };
}
