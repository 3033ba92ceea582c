import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { foldLedger } from '../../../src/provision/ledger/fold-ledger.ts';
import type { Template } from '../../../src/provision/render/handlebars.ts';
import type { RenderInput } from '../../../src/provision/render/input.ts';
import type { Inventory, LedgerEvent, Settings } from '../../../src/provision/settings/types.ts';
import type { FingerprintSet, KeyType } from '../../../src/x509/algorithms.ts';

const folder = fileURLToPath(new URL('../../../templates', import.meta.url));

/** The templates as they are shipped. */
export const templates: readonly Template[] = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  .sort()
  .map((path) => ({ name: relative(folder, path), text: readFileSync(path, 'utf8') }));

export const settings: Settings = {
  postfix: '3.11',
  clientPostfix: '3.11',
  relayPort: 25,
  digest: 'sha256',
  keyType: 'ec-p256',
  days: 397,
  policy: 'relay',
  unauthorized: 'defer',
  permitSasl: true,
  clientLevel: 'secure',
  pin: 'certificate',
  serverCert: 'internal',
  installDir: '/etc/postfix/certrelay',
};

/** Settings of a version, with the choices that 2.9 leaves no other way. */
export function settingsOf(postfix: string, changes: Partial<Settings> = {}): Settings {
  const old: Partial<Settings> = /^2\.9(\.|$)/.test(postfix) ? { policy: 'recipient', unauthorized: 'reject' } : {};
  return { ...settings, ...old, postfix, clientPostfix: postfix, ...changes };
}

export interface Issued {
  readonly holder: string;
  readonly role: 'server' | 'client';
  readonly keyType?: KeyType;
  readonly serial?: string;
  /** Certificates with the same key have the same name here. */
  readonly key?: string;
  readonly events?: readonly ('admitted' | 'deployed' | 'retired' | 'revoked')[];
}

/** Digests of a text: fixtures need fingerprints that look like fingerprints, and no keys. */
export function digestsOf(text: string): FingerprintSet {
  const digest = (name: string): string =>
    createHash(name)
      .update(text)
      .digest('hex')
      .toUpperCase()
      .replace(/..(?=.)/g, '$&:');
  return { sha1: digest('sha1'), sha256: digest('sha256'), sha384: digest('sha384'), sha512: digest('sha512') };
}

export function eventsOf(issued: readonly Issued[]): readonly LedgerEvent[] {
  return issued.flatMap(({ holder, role, keyType = 'ec-p256', serial, key, events = ['admitted'] }, index) => {
    const number = serial ?? createHash('md5').update(`${role} ${holder} ${index}`).digest('hex');
    const at = '2026-03-01T12:00:00Z';
    return [
      {
        at,
        event: 'issued',
        role,
        holder,
        serial: number,
        notBefore: '2026-03-01T11:55:00Z',
        notAfter: '2027-04-02T12:00:00Z',
        keyType,
        fingerprint: digestsOf(`certificate ${number}`),
        publicKeyFingerprint: digestsOf(`key ${key ?? number}`),
        certificate: Buffer.from(`certificate ${number}`).toString('base64'),
      },
      ...events.map((event) => ({ at, event, holder, serial: number })),
    ] satisfies LedgerEvent[];
  });
}

/** An input with one certificate per host and role, unless told otherwise. */
export function inputOf(
  servers: readonly string[],
  clients: readonly string[],
  changes: Partial<Settings> = {},
  issued?: readonly Issued[],
): RenderInput {
  const inventory: Inventory = {
    schema: 'certrelay/inventory@1',
    authority: { name: 'certrelay', keyType: 'ec-p256', days: 3650, constrain: [] },
    settings: { ...settings, ...changes },
    servers: servers.map((name) => ({ name })),
    clients: clients.map((name) => ({ name })),
  };
  const { keyType } = inventory.settings;
  const everyone: readonly Issued[] = [
    ...servers.map((holder) => ({ holder, role: 'server', keyType }) as const),
    ...clients.map((holder) => ({ holder, role: 'client', keyType }) as const),
  ];
  return { inventory, ledger: foldLedger(eventsOf(issued ?? everyone)) };
}
