import { exitCodes } from '../../../lib/problem.ts';
import type { CertificateState } from '../../../provision/ledger/ledger-state.ts';
import type { Inventory, LedgerEvent } from '../../../provision/settings/types.ts';
import type { Settled } from '../../../provision/state/settle.ts';
import {
  type MemberCertificate,
  type MembershipReport,
  membershipDocument,
  membershipText,
} from '../../../report/membership.ts';
import { noteText } from '../../../report/problem.ts';
import type { Io, Options } from '../../command.ts';

/** Prints what add or remove did; answers the exit code. */
export function tellMembers(report: MembershipReport, options: Options, io: Io): number {
  const quiet = options.quiet === true;
  if (!quiet) for (const note of report.notes) io.stderr.write(noteText(note));
  if (options.json === true) io.stdout.write(`${JSON.stringify(membershipDocument(report), undefined, 2)}\n`);
  else if (!quiet || report.proof !== 'met') io.stdout.write(membershipText(report));
  return exitCodes[({ met: 'done', broken: 'denied', unknown: 'unknown' } as const)[report.proof]][0];
}

/** The parts of a report that a settled step tells. */
export function settledParts({ proof, verifications, written, created, updated, removed, unchanged }: Settled) {
  return { proof, verifications, written, created, updated, removed, unchanged };
}

/** The certificates that these events issue, as the report shows them. */
export function issuedMembers(events: readonly LedgerEvent[], { settings }: Inventory): readonly MemberCertificate[] {
  return events.flatMap((event): readonly MemberCertificate[] => {
    if (event.event !== 'issued' || event.role === 'authority') return [];
    const { holder: host, role, serial, notAfter, fingerprint, origin } = event;
    const what = origin === 'request' || origin === 'elsewhere' ? origin : 'new';
    return [{ host, role, serial, notAfter, fingerprint: fingerprint[settings.digest], what }];
  });
}

/** A certificate that was revoked, as the report shows it. */
export function revokedMember(one: CertificateState, { settings }: Inventory): MemberCertificate {
  const { holder: host, role, serial, notAfter, fingerprint } = one;
  return { host, role, serial, notAfter, fingerprint: fingerprint[settings.digest], what: 'revoked' };
}
