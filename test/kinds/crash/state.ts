import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CertificateState,
  currentAuthority,
  currentCertificate,
  isAdmitted,
  isLive,
  isOurs,
} from '../../../src/provision/ledger/ledger-state.ts';
import { digestListFile, disagreementOf } from '../../../src/provision/render/digest-list.ts';
import { moments } from '../../../src/provision/settings/types.ts';
import { loadState, type Stored } from '../../../src/provision/state/store.ts';
import { fingerprint } from '../../../src/x509/fingerprint.ts';
import { readPem } from '../../../src/x509/pem.ts';
import { readPrivateKey } from '../../../src/x509/private-key.ts';

/** Whatever differs between two runs that did the same: fingerprints, serial numbers, times, names made of keys, repeated events. */
const chance: readonly (readonly [RegExp, string])[] = [
  [/[0-9A-F]{2}(?::[0-9A-F]{2}){15,63}/g, 'FINGERPRINT'],
  [/\b[0-9a-f]{64}\b/g, 'DIGEST'],
  [/\b[0-9a-f]{24,40}\b/g, 'SERIAL'],
  [/\b[0-9a-f]{16}\b/g, 'KEY'],
  [/\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:\.\d+)?Z?)?/g, 'TIME'],
  [/"events": \d+/g, 'EVENTS'],
  [/-----BEGIN ([A-Z ]+)-----[^-]*-----END \1-----/g, '$1'],
];

function withoutChance(text: string): string {
  return chance.reduce((rest, [form, word]) => rest.replace(form, word), text);
}

/** All that two states have in common when the same was done in both, and nothing that chance decides. */
export function shapeOf(root: string): Readonly<Record<string, unknown>> {
  const { inventory, state } = loadState(root);
  const certificates = state.certificates.map(({ role, holder, origin, ...one }) => {
    const happened = moments.filter((moment) => one[moment] !== undefined);
    return `${role} ${holder} ${origin ?? ''} ${happened.join(' ')}`;
  });
  const files = paths(root).map((path) => {
    const mode = (lstatSync(join(root, path)).mode & 0o7777).toString(8);
    // Events are told in the order of what was done, which a run that was killed may have changed; they are folded above.
    const isTold = path === 'ledger.jsonl';
    return `${withoutChance(path)} ${mode} ${isTold ? '' : withoutChance(readFileSync(join(root, path), 'utf8'))}`;
  });
  return {
    inventory,
    certificates: certificates.sort(),
    installed: [...state.installed.keys()].sort(),
    digest: state.digestExchange === undefined ? undefined : Object.keys(state.digestExchange),
    files: files.sort(),
  };
}

/** In what two shapes differ: what only the first has, and what only the second. */
export function shapeDifference(
  wanted: Readonly<Record<string, unknown>>,
  found: Readonly<Record<string, unknown>>,
): readonly string[] {
  const items = (value: unknown): readonly string[] =>
    (Array.isArray(value) ? value : [value]).map((item) =>
      typeof item === 'string' ? item : (JSON.stringify(item) ?? ''),
    );
  return Object.keys(wanted).flatMap((part) => {
    const [here, there] = [items(wanted[part]), items(found[part])];
    return [
      ...without(here, there).map((item) => `${part} lack: ${item}`),
      ...without(there, here).map((item) => `${part} have: ${item}`),
    ];
  });
}

/** Each as often as the others do not have it. */
function without(items: readonly string[], others: readonly string[]): readonly string[] {
  const rest = [...others];
  return items.filter((item) => {
    const index = rest.indexOf(item);
    if (index >= 0) rest.splice(index, 1);
    return index < 0;
  });
}

/** Paths of all files below a folder, in order. */
export function paths(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => !lstatSync(join(root, path)).isDirectory())
    .sort();
}

/**
 * What must hold at every moment, even between two calls of a run that is killed; an empty list is a good one. `spoiled` are
 * maps that somebody overwrote.
 */
export function violations(root: string, spoiled: readonly string[] = []): readonly string[] {
  if (!existsSync(root)) return [];
  const stored = loadState(root);
  return [...withoutKey(stored), ...strangeLines(stored, spoiled)];
}

/** Certificates in force, or waiting to be, whose key lies nowhere. The key of one that was replaced is on its host alone. */
function withoutKey({ root, state }: Stored): readonly string[] {
  const keys = new Set(
    paths(root)
      .filter((path) => /\.(?:key|pem)$/.test(path))
      .flatMap((path) => keyIn(readFileSync(join(root, path), 'utf8')) ?? []),
  );
  const isNeeded = (one: CertificateState) =>
    one === (one.role === 'authority' ? currentAuthority(state) : currentCertificate(state, one.holder, one.role)) ||
    one.handed === undefined;
  return state.certificates
    .filter((one) => isLive(one) && one.origin === undefined && isNeeded(one))
    .filter((one) => !keys.has(one.publicKeyFingerprint.sha256))
    .map(({ role, holder }) => `the certificate of ${role} ${holder} has no key`);
}

function keyIn(text: string): string | undefined {
  return text.includes('PRIVATE KEY') ? fingerprint('sha256', readPrivateKey(text, 'a key').publicKey) : undefined;
}

/** Lines of maps whose fingerprint no certificate of the ledger has. */
function strangeLines({ root, state }: Stored, spoiled: readonly string[]): readonly string[] {
  const known = new Set(state.certificates.flatMap((one) => Object.values(one.fingerprint)));
  const maps = mapsOf(root).filter(({ path }) => !spoiled.includes(path));
  return maps.flatMap(({ path, lines }) =>
    lines.filter((line) => !known.has(line)).map((line) => `${path} lists ${line}, which nobody has`),
  );
}

function mapsOf(root: string): readonly { readonly path: string; readonly lines: readonly string[] }[] {
  return paths(root)
    .filter((path) => path.endsWith('/relay_clientcerts'))
    .map((path) => ({
      path,
      lines: readFileSync(join(root, path), 'utf8')
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map((line) => line.split(/\s/)[0] ?? ''),
    }));
}

/** What must hold when a run has ended: files that belong together do, and maps list exactly the admitted. */
export function disagreements(root: string): readonly string[] {
  const { inventory, state } = loadState(root);
  if (inventory === undefined) return ['there is no inventory'];
  const wrong: string[] = [];
  const { digest } = inventory.settings;
  const exchange = state.digestExchange;
  const digests = new Set([
    digest,
    ...(exchange === undefined || exchange.retired !== undefined ? [] : [exchange.from, exchange.to]),
  ]);
  const admitted = inventory.clients.flatMap(({ name }) => state.of(name, 'client').filter(isAdmitted));
  const wanted = admitted.flatMap((one) => [...digests].map((each) => one.fingerprint[each])).sort();
  for (const host of readdirSync(join(root, 'hosts'))) {
    const folder = join(root, 'hosts', host);
    const list = readFileSync(join(folder, digestListFile), 'utf8');
    const names = [...list.matchAll(/^\S+ {2}(\S+)$/gm)].map(([, name = '']) => name);
    const files = new Map(names.map((name) => [name, readFileSync(join(folder, name))]));
    const other = names.length < 4 ? digestListFile : disagreementOf(list, files);
    if (other !== undefined) wrong.push(`hosts/${host}/${other} is not what ${digestListFile} says`);
  }
  for (const { path, lines } of mapsOf(root)) {
    if ([...lines].sort().join() !== wanted.join()) wrong.push(`${path} does not list exactly the admitted`);
  }
  for (const role of ['server', 'client'] as const) {
    for (const { name } of inventory[`${role}s`]) {
      const current = currentCertificate(state, name, role);
      if (current === undefined || !isOurs(current)) continue;
      const text = (file: string) => readFileSync(join(root, 'hosts', name, file), 'utf8');
      const chain = text(`${name}.pem`);
      if (keyIn(text(`${name}.key`)) !== current.publicKeyFingerprint.sha256) wrong.push(`${name} has another key`);
      if (certificateIn(text(`${name}.crt`)) !== current.fingerprint.sha256)
        wrong.push(`${name} has another certificate`);
      if (chain !== text(`${name}.key`) + text(`${name}.crt`)) wrong.push(`${name}.pem is not key and certificate`);
    }
  }
  if (new Set(state.serials).size !== state.certificates.length) wrong.push('a serial number was used twice');
  return wrong;
}

function certificateIn(text: string): string | undefined {
  const der = readPem(text).find(({ label }) => label === 'CERTIFICATE')?.der;
  return der === undefined ? undefined : fingerprint('sha256', der);
}
