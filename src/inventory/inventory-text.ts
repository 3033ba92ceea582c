import { type CertificateState, isLive, type LedgerState } from './ledger-state.ts';
import type { FingerprintSet, Inventory } from './types.ts';

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
      digest: settings.digest,
      keyType: settings.keyType,
      days: settings.days,
      tableType: settings.tableType,
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
const texts = new WeakMap<CertificateState, string>();

function hostsText(
  hosts: readonly { readonly name: string }[],
  role: 'server' | 'client',
  ledger: LedgerState,
): string {
  const printed = hosts.map(({ name }) => {
    const certificates = ledger.of(name, role).filter(isLive).map(certificateText);
    const list = certificates.length === 0 ? '[]' : `[\n${certificates.join(',\n')}\n      ]`;
    return `    {\n      "name": ${JSON.stringify(name)},\n      "certificates": ${list}\n    }`;
  });
  return printed.length === 0 ? '[]' : `[\n${printed.join(',\n')}\n  ]`;
}

function certificateText(certificate: CertificateState): string {
  const known = texts.get(certificate);
  if (known !== undefined) return known;
  const { serial, notBefore, notAfter, keyType, fingerprint, publicKeyFingerprint } = certificate;
  // Every one of these is of letters, digits, colons, dots and dashes, or the ledger would have been refused: nothing to escape.
  const pair = ({ sha1, sha256 }: FingerprintSet) =>
    `{\n            "sha1": "${sha1}",\n            "sha256": "${sha256}"\n          }`;
  const text = `        {
          "serial": "${serial}",
          "notBefore": "${notBefore}",
          "notAfter": "${notAfter}",
          "keyType": "${keyType}",
          "fingerprint": ${pair(fingerprint)},
          "publicKeyFingerprint": ${pair(publicKeyFingerprint)}
        }`;
  texts.set(certificate, text);
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
