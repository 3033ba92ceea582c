import { usage } from '../../lib/problem.ts';
import { type CertificateState, isLive, type LedgerState } from '../ledger/ledger-state.ts';
import { isListed, type ListedLine } from '../ledger/listed-lines.ts';
import { folded, knownHosts } from '../settings/known-hosts.ts';
import type { Inventory } from '../settings/types.ts';

/** Who is to leave a set-up, and with what. */
export interface Leave {
  readonly inventory: Inventory;
  /** Names that leave the inventory. */
  readonly leaving: readonly string[];
  /** What is revoked. */
  readonly certificates: readonly CertificateState[];
  /** Lines of an earlier map that go, because they let in one who leaves. */
  readonly lines: readonly ListedLine[];
}

/** What `remove` was asked for beside the names. */
export interface LeaveRequest {
  /** Serial numbers of the certificates to revoke; empty: all of those who are named. */
  readonly serials: readonly string[];
  /** A revocation list is wanted, so nobody needs to leave. */
  readonly isForList: boolean;
}

/** Works out who leaves with which certificates. @throws CertrelayError (usage) for what cannot be. */
export function leave(
  args: readonly string[],
  { serials, isForList }: LeaveRequest,
  { inventory, state }: { readonly inventory: Inventory; readonly state: LedgerState },
): Leave {
  if (args.length === 0) {
    if (isForList && serials.length === 0) return { inventory, leaving: [], certificates: [], lines: [] };
    throw usage('remove-nobody', 'no host was named', 'certrelay remove NAME…');
  }
  if (serials.length > 0) {
    return { inventory, leaving: [], certificates: chosen(args, serials, inventory, state), lines: [] };
  }
  // Said twice, it is done once: who left before is known by the ledger.
  const present = new Set([...inventory.servers, ...inventory.clients].map(({ name }) => name));
  const listed = new Set(state.listed.map(({ holder }) => holder));
  const left = new Set([...state.holders, ...listed].filter((name) => !present.has(name)));
  const isMeant = (holder: string) => args.some((name) => name === holder || folded(name) === holder);
  const names = new Set(
    knownHosts(
      args.filter((name) => !left.has(folded(name)) && !left.has(name)),
      inventory,
    ),
  );
  const stays = ({ name }: { readonly name: string }) => !names.has(name);
  const servers = inventory.servers.filter(stays);
  if (servers.length === 0) {
    throw usage(
      'remove-last-server',
      'no server would be left for the clients to relay through',
      'add another first: "certrelay add NAME --role server"',
    );
  }
  return {
    inventory: { ...inventory, servers, clients: inventory.clients.filter(stays) },
    leaving: [...names],
    certificates: [...names].flatMap((name) => state.of(name).filter(isLive)),
    lines: state.listed.filter((line) => isListed(line) && isMeant(line.holder)),
  };
}

/** The certificates of one host with these serial numbers; the first digits are enough where they are unique. */
function chosen(
  args: readonly string[],
  serials: readonly string[],
  inventory: Inventory,
  state: LedgerState,
): readonly CertificateState[] {
  const [name, ...more] = knownHosts(args, inventory);
  if (name === undefined || more.length > 0)
    throw usage('remove-one', '--serial is about one host', 'name exactly one');
  const live = state.of(name).filter(isLive);
  const found = serials.map((given) => {
    const digits = given.toLowerCase().replaceAll(':', '');
    const fitting = /^[0-9a-f]{4,}$/.test(digits) ? live.filter(({ serial }) => serial.startsWith(digits)) : [];
    if (fitting.length === 1 && fitting[0] !== undefined) return fitting[0];
    const hint = live.map(({ serial }) => serial).join(', ');
    const says = fitting.length > 1 ? 'is the beginning of several' : 'is none';
    throw usage('serial-unknown', `"${given}" ${says} of the serial numbers that "${name}" has`, hint);
  });
  for (const role of ['server', 'client'] as const) {
    const ofRole = live.filter((one) => one.role === role);
    if (ofRole.length > 0 && ofRole.every((one) => found.includes(one))) {
      throw usage(
        'remove-last-certificate',
        `"${name}" would be left without a certificate`,
        `give it another first ("certrelay rotate ${name}"), or remove it altogether`,
      );
    }
  }
  return [...new Set(found)];
}
