import { dirname } from 'node:path';
import { shellWord } from '../../../lib/text.ts';
import { tokens } from '../../../policy/postfix/tokens.ts';
import type { Version } from '../../../policy/postfix/version.ts';
import { lineOf, type Manifest, type Setting } from '../../programs/manifest.ts';
import type { Overrides } from './hidden.ts';
import type { Refusal } from './refusal.ts';

export interface ClientHost {
  readonly version: Version;
  /** The folder that is applied, as it was named. */
  readonly folder: string;
  readonly config: string;
  /** What main.cf sets, as written. */
  readonly set: ReadonlyMap<string, string>;
  /** What an earlier run set. */
  readonly owned: readonly Setting[];
  /** `postconf -M`, by `name/type`. */
  readonly entries: ReadonlyMap<string, string>;
  /** `postconf -xP`. */
  readonly overrides: Overrides;
  /** The folder's tls_policy. */
  readonly policy: string;
  /** A value in force with every `$name` filled in. */
  expanded(name: string): string;
  /** The `key value` lines of a table; undefined where they cannot be listed. */
  entriesOf(table: string): readonly (readonly [key: string, value: string])[] | undefined;
  /** True where certrelay installed into this directory. */
  hasRecord(directory: string): boolean;
}

/** What is found on a host whose other routes have been under the relay's settings all along, or will not be. */
export type RoutesFound = { readonly refusal: Refusal } | { readonly warning: string } | undefined;

/** How many routes are shown. */
const most = 5;

/**
 * TLS level, CA and certificate in main.cf are for all mail that smtp(8) sends. Undefined where all of it goes to the relay,
 * or where the relay has a transport of its own that takes nothing else.
 */
export function otherRoutes(manifest: Manifest, host: ClientHost): RoutesFound {
  const { settings } = manifest;
  const level = settings.find(({ name }) => name === 'smtp_tls_security_level')?.value;
  const routes = new Routes(manifest, host);
  if (level === undefined) return senderRoutes(settings, host, routes);
  const found = routes.all();
  if (found.length === 0) return undefined;
  if (!inForce('smtp_tls_security_level', settings, host) || !inForce('smtp_tls_CAfile', settings, host)) {
    return {
      refusal: refusal(
        found,
        `mail on other routes would wait in the queue, for it would get the relay's TLS level (${level}) and CA as well:`,
        [
          'give the relay a port and a transport of its own, or have these settings for all routes:',
          '  certrelay init --dedicated-port 2525 --yes',
          '    then install the server and its clients again; the other routes stay as they are',
        ],
        host,
      ),
    };
  }
  // 0.1.0 left the CAs of the system in force.
  const was = host.set.get('smtp_tls_CApath') ?? '';
  if (was === '' || !settings.some(({ name }) => name === 'smtp_tls_CApath')) return undefined;
  return { warning: `the CAs in smtp_tls_CApath, ${was}, no longer count, on this host's other routes either` };
}

/** Where default_transport leads to the relay's own transport, it takes along who has a relay host by sender. */
function senderRoutes(settings: readonly Setting[], host: ClientHost, routes: Routes): RoutesFound {
  const kept = 'sender_dependent_default_transport_maps';
  const isKept = settings.some(({ name }) => name === kept) || host.expanded(kept) !== '';
  if (isKept || inForce('default_transport', settings, host)) return undefined;
  const found = routes.bySender();
  if (found.length === 0) return undefined;
  return {
    refusal: refusal(
      found,
      'mail of senders with a relay host of their own would have to pass by the transport for the relay',
      plainSenders(host),
      host,
    ),
  };
}

/** What keeps the plain transport for senders with a relay host of their own; pipemap tables came with 3.0 (DATABASE_README). */
function plainSenders({ set, version, config }: ClientHost): readonly string[] {
  const value = set.get('sender_dependent_relayhost_maps') ?? '';
  const name = 'sender_dependent_default_transport_maps';
  if (version.major < 3 || value.includes('{'))
    return [`send them through the transport smtp with ${name}, and run this again, or do it all the same:`];
  const tables = tokens(value, version).map((table) => `pipemap:{${table},static:smtp}`);
  return [
    'keep them on the plain transport, and run this again, or do it all the same:',
    `  postconf -c '${config}' -e '${name} = ${tables.join(', ')}'`,
  ];
}

function refusal(routes: readonly string[], message: string, hint: readonly string[], { folder }: ClientHost): Refusal {
  const more = routes.length - most;
  return {
    exit: 'denied',
    problem: {
      code: 'other-routes',
      message: `nothing changed: ${message}`,
      hint: [...hint, `  certrelay apply ${shellWord(folder)} --all-routes`].join('\n'),
    },
    details: [...routes.slice(0, most).map((route) => `    ${route}`), ...(more > 0 ? [`    and ${more} more`] : [])],
  };
}

/** True when main.cf says of this parameter what the folder does, or what an earlier one did. */
function inForce(name: string, settings: readonly Setting[], { set, owned, hasRecord }: ClientHost): boolean {
  const wanted = settings.find((setting) => setting.name === name)?.value;
  const value = set.get(name) ?? '';
  if (wanted === undefined || wanted === value) return true;
  if (owned.some((setting) => lineOf(setting) === lineOf({ name, value }))) return true;
  return name === 'smtp_tls_CAfile' && hasRecord(dirname(value));
}

/** What of a host's mail goes by smtp(8) elsewhere than to the relay, with level and CA of main.cf. */
class Routes {
  readonly #host: ClientHost;
  readonly #settings: readonly Setting[];
  /** The entries of master.cf that are smtp(8) and have no level of their own. */
  readonly #transports: readonly string[];
  /** The next hops that the folder is about. */
  readonly #relays: ReadonlySet<string>;

  constructor({ settings }: Manifest, host: ClientHost) {
    this.#host = host;
    this.#settings = settings;
    this.#transports = [...host.entries].flatMap(([service, line]) => {
      const [name = '', type, , , , , , program = ''] = line.split(/\s+/);
      const hasLevel = host.overrides.get(service)?.some((one) => one.name === 'smtp_tls_security_level') === true;
      return type === 'unix' && /(?:^|\/)smtp$/.test(program) && !hasLevel ? [name] : [];
    });
    this.#relays = new Set(host.policy.split('\n').flatMap((line) => /^[^#\s]\S*/.exec(line) ?? []));
  }

  bySender(): readonly string[] {
    return this.#tables('sender_dependent_relayhost_maps', (_, hop) => this.#leads(`:${hop}`, true));
  }

  all(): readonly string[] {
    const host = this.#host;
    const to = (isAlone: boolean) => (_: string, target: string) => this.#leads(target, isAlone);
    const fallback = tokens(host.expanded('smtp_fallback_relay'), host.version);
    const perSite = host.expanded('smtp_tls_per_site');
    return [
      ...this.#tables('transport_maps', to(true)),
      ...this.bySender(),
      ...this.#tables('sender_dependent_default_transport_maps', to(false)),
      ...['default_transport', 'relay_transport'].flatMap((name) => this.#one(name, false)),
      ...['local', 'virtual', 'mailbox', 'fallback'].flatMap((name) => this.#one(`${name}_transport`, true)),
      ...['mailbox', 'fallback'].flatMap((name) => this.#tables(`${name}_transport_maps`, to(true))),
      ...this.#one('content_filter', true),
      ...this.#filters(),
      ...fallback.filter((hop) => !this.#relays.has(hop)).map((hop) => `smtp_fallback_relay = ${hop}`),
      ...this.#transports.filter((name) => name !== 'smtp' && name !== 'relay').map((name) => `master.cf: ${name}`),
      ...this.#tables('smtp_tls_policy_maps', (hop) => this.#leads(`:${hop}`, true)),
      // Where there are policy maps, it is not looked at (postconf(5)).
      ...(perSite === '' || host.expanded('smtp_tls_policy_maps') !== '' ? [] : [`smtp_tls_per_site = ${perSite}`]),
    ];
  }

  #one(name: string, isAlone: boolean): readonly string[] {
    const value = this.#host.expanded(name);
    return this.#leads(value, isAlone) ? [`${name} = ${value}`] : [];
  }

  /** The -o content_filter of entries of master.cf. */
  #filters(): readonly string[] {
    return [...this.#host.overrides].flatMap(([service, options]) =>
      options
        .filter(({ name, value }) => name === 'content_filter' && this.#leads(value, true))
        .map((option) => `master.cf: ${service}/${lineOf(option)}`),
    );
  }

  /** The entries of a parameter's tables that lead elsewhere. A table whose entries cannot be listed is named as a whole. */
  #tables(name: string, leads: (key: string, value: string) => boolean): readonly string[] {
    const host = this.#host;
    const value = host.expanded(name);
    if (value.includes('{')) return [`${name} = ${value}`];
    const kept = tokens(this.#settings.find((setting) => setting.name === name)?.value ?? '', host.version);
    return tokens(value, host.version)
      .filter((table) => !kept.includes(table))
      .flatMap((table) => {
        const entries = host.entriesOf(table.replace(/^proxy:/, ''));
        if (entries === undefined) return [`${name} = ${table}`];
        return entries.filter((entry) => leads(...entry)).map(([key, target]) => `${name}: ${key} ${target}`);
      });
  }

  /**
   * True when `transport:nexthop` goes by smtp(8) to another host than a relay. `isAlone` says where a transport without
   * next hop leads: true to the recipient's host, false to relayhost.
   */
  #leads(value: string, isAlone: boolean): boolean {
    if (/^:?dunno$/i.test(value)) return false;
    const colon = value.indexOf(':');
    const transport = colon < 0 ? value : value.slice(0, colon);
    const hop = colon < 0 ? '' : value.slice(colon + 1);
    if (transport !== '' && !this.#transports.includes(transport)) return false;
    return hop === '' ? transport !== '' && isAlone : !this.#relays.has(hop);
  }
}
