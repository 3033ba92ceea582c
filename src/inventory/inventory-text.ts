import { type CertificateState, isLive, type LedgerState } from './ledger-state.ts';
import type { Inventory } from './types.ts';

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
      service: settings.service,
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
    } satisfies { readonly [Name in keyof Inventory['settings']]-?: unknown },
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
const blocks = new WeakMap<readonly CertificateState[], string>();
const hostsStart = '[\n';
const hostsEnd = '\n  ]';

function hostsText(
  hosts: readonly { readonly name: string }[],
  role: 'server' | 'client',
  ledger: LedgerState,
): string {
  const printed = hosts.map(({ name }) => {
    const certificates = ledger.of(name, role);
    const known = blocks.get(certificates);
    if (known !== undefined) return known;
    const block = hostPieces(name, certificates).join('');
    know(certificates, block);
    return block;
  });
  return printed.length === 0 ? '[]' : `${hostsStart}${printed.join(',\n')}${hostsEnd}`;
}

/** A host's list is another as soon as one of its certificates is; all those who have none share theirs. */
function know(certificates: readonly CertificateState[], block: string): void {
  if (certificates.length > 0) blocks.set(certificates, block);
}

/**
 * Whether a text is what `printInventory` makes of inventory and ledger, to the last character. It is compared piece by piece,
 * and what was compared is not made again when the next text is printed.
 */
export function isPrinted(text: string, inventory: Inventory, ledger: LedgerState): boolean {
  if (inventory.clients.length === 0) return text === printInventory(inventory, ledger);
  const head = headText(inventory, ledger);
  if (!text.startsWith(head)) return false;
  let at = head.length;
  let lead = hostsStart;
  for (const { name } of inventory.clients) {
    if (!text.startsWith(lead, at)) return false;
    at += lead.length;
    lead = ',\n';
    const start = at;
    const certificates = ledger.of(name, 'client');
    for (const piece of hostPieces(name, certificates)) {
      if (!text.startsWith(piece, at)) return false;
      at += piece.length;
    }
    know(certificates, text.slice(start, at));
  }
  return text.slice(at) === `${hostsEnd}\n}\n`;
}

/** A host's block in pieces, which are texts that are there already. */
function hostPieces(name: string, certificates: readonly CertificateState[]): readonly string[] {
  const pieces = ['    {\n      "name": ', JSON.stringify(name), ',\n      "certificates": ['];
  let lead = '\n';
  for (const certificate of certificates) {
    if (!isLive(certificate)) continue;
    const { serial, notBefore, notAfter, keyType, fingerprint, publicKeyFingerprint } = certificate;
    // Every one of these is of letters, digits, colons, dots and dashes, or the ledger would have been refused: nothing to escape.
    pieces.push(
      lead,
      '        {\n          "serial": "',
      serial,
      '",\n          "notBefore": "',
      notBefore,
      '",\n          "notAfter": "',
      notAfter,
      '",\n          "keyType": "',
      keyType,
      '",\n          "fingerprint": {\n            "sha1": "',
      fingerprint.sha1,
      '",\n            "sha256": "',
      fingerprint.sha256,
      '"\n          },\n          "publicKeyFingerprint": {\n            "sha1": "',
      publicKeyFingerprint.sha1,
      '",\n            "sha256": "',
      publicKeyFingerprint.sha256,
      '"\n          }\n        }',
    );
    lead = ',\n';
  }
  pieces.push(lead === '\n' ? ']\n    }' : '\n      ]\n    }');
  return pieces;
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
