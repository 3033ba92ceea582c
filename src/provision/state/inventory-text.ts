import { type CertificateState, isLive, type LedgerState } from '../ledger/ledger-state.ts';
import type { Inventory } from '../settings/types.ts';

/** 0.1.0 reads the port of the dedicated service as `service`, so it is stored under that name. */
type Stored<Name extends string> = Name extends 'dedicatedPort' ? 'service' : Name;

/** What inventory.json shows of a live certificate, for people and scripts; reading passes it over. */
function shown({ serial, notBefore, notAfter, keyType, fingerprint, publicKeyFingerprint }: CertificateState) {
  return {
    serial,
    notBefore,
    notAfter,
    keyType,
    fingerprint: { sha1: fingerprint.sha1, sha256: fingerprint.sha256 },
    publicKeyFingerprint: { sha1: publicKeyFingerprint.sha1, sha256: publicKeyFingerprint.sha256 },
  };
}

/**
 * The text of inventory.json: what is wanted, and beside every name its live certificates. The same inventory and ledger
 * always give the same bytes, whatever order the object was built in.
 */
export function printInventory({ authority, settings, servers, clients }: Inventory, ledger: LedgerState): string {
  const { name, keyType, days, constrain } = authority;
  const document = {
    schema: 'certrelay/inventory@1',
    // Written after every other file, so that it tells whether these follow from all that happened.
    events: ledger.events,
    authority: { name, keyType, days, constrain, certificates: ledger.authorities.filter(isLive).map(shown) },
    settings: {
      postfix: settings.postfix,
      clientPostfix: settings.clientPostfix,
      os: settings.os,
      clientOs: settings.clientOs,
      relayPort: settings.relayPort,
      service: settings.dedicatedPort,
      digest: settings.digest,
      keyType: settings.keyType,
      days: settings.days,
      tableType: settings.tableType,
      database: settings.database,
      databaseCa: settings.databaseCa,
      policy: settings.policy,
      unauthorized: settings.unauthorized,
      permitSasl: settings.permitSasl,
      mynetworks: settings.mynetworks,
      clientLevel: settings.clientLevel,
      pin: settings.pin,
      serverCert: settings.serverCert,
      serverCa: settings.serverCa,
      baseMainCf: settings.baseMainCf,
      installDir: settings.installDir,
    } satisfies { readonly [Name in keyof Inventory['settings'] as Stored<Name>]-?: unknown },
  };
  const head = JSON.stringify(document, undefined, 2).slice(0, -'\n}'.length);
  const hosts = { servers: hostsText(servers, 'server', ledger), clients: hostsText(clients, 'client', ledger) };
  return `${head},\n  "servers": ${hosts.servers},\n  "clients": ${hosts.clients}\n}\n`;
}

/** The same as far as the clients, who are the last and the many. */
export function headText(inventory: Inventory, ledger: LedgerState): string {
  return printInventory({ ...inventory, clients: [] }, ledger).slice(0, -'[]\n}\n'.length);
}

// What follows is what JSON.stringify would print; but of ten thousand clients one is changed, and the rest is known.
const hostsStart = '[\n';
const hostsEnd = '\n  ]';
const between = ',\n';

/** Where a host's block stands in a text that was printed. */
interface Block {
  readonly printed: Printed;
  readonly start: number;
  readonly end: number;
}

interface Printed {
  text: string;
}

/** By a host's list of certificates, which is another as soon as one of these is. */
const blocks = new WeakMap<readonly CertificateState[], Block>();

function hostsText(
  hosts: readonly { readonly name: string }[],
  role: 'server' | 'client',
  ledger: LedgerState,
): string {
  if (hosts.length === 0) return '[]';
  const printed: Printed = { text: '' };
  const pieces: string[] = [hostsStart];
  let length = hostsStart.length;
  let run: Block | undefined;
  const endRun = (): void => {
    if (run === undefined) return;
    pieces.push(run.printed.text.slice(run.start, run.end));
    length += run.end - run.start;
    run = undefined;
  };
  for (const [index, { name }] of hosts.entries()) {
    const certificates = ledger.of(name, role);
    const known = blocks.get(certificates);
    // Blocks that stand one after the other in a text are taken from it as one piece.
    if (known !== undefined && run?.printed === known.printed && known.start === run.end + between.length) {
      run = { ...run, end: known.end };
      continue;
    }
    endRun();
    if (index > 0) {
      pieces.push(between);
      length += between.length;
    }
    if (known !== undefined) {
      run = known;
      continue;
    }
    const start = length;
    const first = pieces.length;
    pushBlock(pieces, name, certificates);
    for (let i = first; i < pieces.length; i++) length += pieces[i]?.length ?? 0;
    // All those that have none share theirs.
    if (certificates.length > 0) blocks.set(certificates, { printed, start, end: length });
  }
  endRun();
  pieces.push(hostsEnd);
  printed.text = pieces.join('');
  return printed.text;
}

/** A host's block in pieces, which are texts that are there already. */
function pushBlock(pieces: string[], name: string, certificates: readonly CertificateState[]): void {
  pieces.push('    {\n      "name": ', JSON.stringify(name));
  let lead = `${certificatesStart}\n${serialStart}`;
  for (const certificate of certificates) {
    if (!isLive(certificate)) continue;
    const { serial, notBefore, notAfter, keyType, fingerprint, publicKeyFingerprint } = certificate;
    // Every one of these is of letters, digits, colons, dots and dashes, or the ledger would have been refused: nothing to escape.
    pieces.push(
      lead,
      serial,
      validityText(notBefore, notAfter, keyType),
      fingerprint.sha1,
      '",\n            "sha256": "',
      fingerprint.sha256,
      '"\n          },\n          "publicKeyFingerprint": {\n            "sha1": "',
      publicKeyFingerprint.sha1,
      '",\n            "sha256": "',
      publicKeyFingerprint.sha256,
      '"\n          }\n        }',
    );
    lead = moreStart;
  }
  pieces.push(lead === moreStart ? '\n      ]\n    }' : `${certificatesStart}]\n    }`);
}

const certificatesStart = ',\n      "certificates": [';
const serialStart = '        {\n          "serial": "';
const moreStart = `,\n${serialStart}`;

/** Of a fleet's certificates many are of one minute and one kind. */
let last = { notBefore: '', notAfter: '', keyType: '', text: '' };

function validityText(notBefore: string, notAfter: string, keyType: string): string {
  if (last.notBefore === notBefore && last.notAfter === notAfter && last.keyType === keyType) return last.text;
  const text = `",\n          "notBefore": "${notBefore}",\n          "notAfter": "${notAfter}",\n          "keyType": "${keyType}",\n          "fingerprint": {\n            "sha1": "`;
  last = { notBefore, notAfter, keyType, text };
  return text;
}

/** How many events a text of inventory.json follows; undefined when it does not say. */
export function shownEvents(text: string): number | undefined {
  const found = /^\{\n {2}"schema": "certrelay\/inventory@1",\n {2}"events": ([0-9]{1,15}),\n/.exec(text);
  return found === null ? undefined : Number(found[1]);
}

/**
 * Serial numbers that a text of inventory.json shows. The ledger is written before the inventory, so it knows them all
 * unless it lost some.
 */
export function shownSerials(text: string): readonly string[] {
  return [...text.matchAll(/^ +"serial": "([0-9a-f]+)",$/gm)].map(([, serial = '']) => serial);
}
