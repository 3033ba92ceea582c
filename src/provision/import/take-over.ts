import { type Problem, usage } from '../../lib/problem.ts';
import { type Digest, digests } from '../../x509/algorithms.ts';
import { privateKeyPem, readPrivateKey } from '../../x509/private-key.ts';
import { foldLedger } from '../ledger/fold-ledger.ts';
import type { LedgerState } from '../ledger/ledger-state.ts';
import { digestOf, isListed } from '../ledger/listed-lines.ts';
import { authorityKeyPath, hostPath } from '../ledger/paths.ts';
import { quickPublicKey } from '../pki/key-public.ts';
import { certificateNames, rolesOf } from '../render/certificate-names.ts';
import type { Inventory } from '../settings/types.ts';
import type { NewKey } from '../state/keys.ts';
import type { Stored } from '../state/store.ts';
import { findFiles } from './find-files.ts';
import { KeyRing } from './key-ring.ts';
import { pickAuthority } from './pick-authority.ts';
import { type ImportPlan, planImport } from './plan-import.ts';
import { type Findings, readFiles } from './read-files.ts';

type Hosts = Pick<Inventory, 'servers' | 'clients'>;

/** What `--import` found, ready to be laid over whatever state there is when the lock is held. */
export interface TakeOver {
  /** The digest of the fingerprints whose certificates were not found; the map can be in no other. */
  readonly digest: Digest | undefined;
  on(stored: Stored, named: Hosts): Overlaid;
}

/** A state as it would be with everything taken over. */
export interface Overlaid {
  readonly plan: ImportPlan;
  readonly stored: Stored;
  readonly notes: readonly Problem[];
  /** Refuses settings with which what was taken over would admit nobody. Throws a CertrelayError (usage). */
  check(inventory: Inventory): void;
  /** Files for the keys that come along; `present` reads what is below the state's folder. */
  keys(inventory: Inventory, present: (path: string) => string | undefined): Promise<readonly NewKey[]>;
}

/** What taking over needs of the world: where relative paths start, the clock, and random octets for the key's encryption. */
export interface TakeOverContext {
  readonly cwd: string;
  now(): Date;
  random(bytes: number): Uint8Array;
}

/** Reads what `--import` names. The files are only ever read. Throws a CertrelayError. */
export async function takeOver(
  paths: readonly string[],
  before: Stored,
  passphrase: () => Promise<string | undefined>,
  context: TakeOverContext,
): Promise<TakeOver> {
  const findings = readFiles(findFiles(paths, context.cwd), paths);
  const known = new Set(before.state.certificates.map(({ fingerprint }) => fingerprint.sha256));
  const isNews = findings.certificates.some(({ facts }) => !known.has(facts.fingerprint.sha256));
  const mustOpen = isNews && findings.keys.some(({ encrypted }) => encrypted);
  const secret = mustOpen ? await passphrase() : undefined;
  const keys = new KeyRing(mustOpen ? findings.keys : findings.keys.filter(({ encrypted }) => !encrypted), secret);
  return {
    digest: mainDigest(findings),
    on(stored, named) {
      const now = context.now();
      const authorities = new Set(stored.state.authorities.map(({ fingerprint }) => fingerprint.sha256));
      const plan = planImport(findings, pickAuthority(findings, keys, authorities, now), keys, stored.state, {
        ...{ servers: namesOf(named.servers), clients: namesOf(named.clients), at: now.toISOString(), now },
      });
      const state = foldLedger([...stored.ledger.events, ...plan.events]);
      return {
        plan,
        stored: { ...stored, state },
        notes: [...plan.notes, ...summary(plan)],
        check: (inventory) => checkDigest(plan, state, inventory),
        keys: async (inventory, present) => {
          const files: NewKey[] = [];
          for (const { role, name, key } of plan.keys) {
            const { pkcs8 } = readPrivateKey(key.text, key.file, secret);
            const to = hostPath(name, certificateNames(name, role, rolesOf(inventory, name)).key);
            files.push({ to, pem: await privateKeyPem(pkcs8) });
          }
          const own = plan.authorityKey;
          if (own !== undefined) {
            const { pkcs8 } = readPrivateKey(own.text, own.file, secret);
            // A key that was encrypted stays so, with the strength that certrelay gives its own.
            const encryption = secret === undefined ? undefined : { passphrase: secret, random: context.random };
            files.push({ to: authorityKeyPath, pem: await privateKeyPem(pkcs8, encryption) });
          }
          return files.filter(({ to, pem }) => !isSameKey(pem, present(to), secret));
        },
      };
    },
  };
}

function namesOf(hosts: readonly { readonly name: string }[]): ReadonlySet<string> {
  return new Set(hosts.map(({ name }) => name));
}

/** A killed run left it; that it was encrypted with another salt makes it no other key. */
function isSameKey(pem: string, present: string | undefined, secret: string | undefined): boolean {
  if (present === undefined) return false;
  try {
    const [wanted, found] = [pem, present].map(
      (text) => quickPublicKey(text) ?? readPrivateKey(text, 'key', secret).publicKey,
    );
    return wanted !== undefined && found !== undefined && Buffer.compare(wanted, found) === 0;
  } catch {
    return false;
  }
}

/** The digest that most lines are in; md5 is none that certrelay can set. */
function mainDigest({ maps }: Findings): Digest | undefined {
  const counts = new Map<Digest, number>();
  for (const { fingerprint } of maps.flatMap(({ lines }) => lines)) {
    const digest = digests.find((one) => one === digestOf(fingerprint));
    if (digest !== undefined) counts.set(digest, (counts.get(digest) ?? 0) + 1);
  }
  return [...counts].toSorted(([, one], [, other]) => other - one)[0]?.[0];
}

/** Refuses a digest in which the lines that were taken over would admit nobody. */
function checkDigest(plan: ImportPlan, state: LedgerState, { settings }: Inventory): void {
  const news = new Set(plan.events.flatMap((event) => (event.event === 'listed' ? [event.fingerprint] : [])));
  const lines = state.listed.filter((line) => isListed(line) && news.has(line.fingerprint));
  const inForce = lines.filter(({ fingerprint }) => digestOf(fingerprint) === settings.digest).length;
  const others = lines.filter(({ fingerprint }) => ![settings.digest, 'md5'].includes(digestOf(fingerprint) ?? ''));
  const [first] = others;
  if (first === undefined || inForce >= others.length) return;
  const digest = digestOf(first.fingerprint);
  throw usage(
    'import-digest',
    `the map lists ${others.length} ${digest} fingerprints of certificates that are not known; with the digest ${settings.digest} these clients could not relay`,
    `take it over with --digest ${digest}; "certrelay rotate --digest ${settings.digest}" exchanges it afterwards`,
  );
}

function summary({ events }: ImportPlan): readonly Problem[] {
  const count = (test: (event: ImportPlan['events'][number]) => boolean) => events.filter(test).length;
  const parts = [
    [count((one) => one.event === 'issued' && one.role === 'authority'), 'authority', 'authorities'],
    [count((one) => one.event === 'issued' && one.role === 'server'), 'server certificate', 'server certificates'],
    [count((one) => one.event === 'issued' && one.role === 'client'), 'client certificate', 'client certificates'],
    [count((one) => one.event === 'listed'), 'fingerprint of an earlier map', 'fingerprints of an earlier map'],
    [count((one) => one.event === 'kept'), 'line that admits nobody', 'lines that admit nobody'],
  ] as const;
  const told = parts
    .filter(([number]) => number > 0)
    .map(([number, one, many]) => `${number} ${number === 1 ? one : many}`);
  return told.length === 0 ? [] : [{ code: 'imported', message: `taken over: ${told.join(', ')}` }];
}
