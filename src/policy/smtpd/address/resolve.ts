import { endingOf } from '../../../lib/ending.ts';
import type { MatchList, PostfixConfig } from '../../postfix/config.ts';
import { TableFailure } from '../../postfix/config.ts';
import { atLeast } from '../../postfix/version.ts';
import { validHostName } from '../questions/host-name.ts';
import { isOwnAddress, validAddressLiteral } from '../questions/own-address.ts';
import type { Trail } from '../questions/trail.ts';
import { addressKeys } from './keys.ts';
import { canWait, Maps } from './maps.ts';
import { matched } from './matched.ts';
import { type Parts, partsOf, type RewriteSettings, rewrite, rewriteSettings } from './rewrite.ts';
import type { Envelope } from './syntax.ts';
import type { AddressClass } from './transport.ts';
import { type Transport, TransportTable } from './transport.ts';

/** What trivial-rewrite(8) answers about an address. */
export interface Resolved {
  /** Not an address at all: refused with 501 before any restriction. */
  readonly badSyntax: boolean;
  /** A table could not be asked; whoever needs the answer gets a lookup failure. */
  readonly failed: boolean;
  /** Lower-case, internal form. */
  readonly address: string;
  readonly domain: string;
  readonly addressClass: AddressClass;
  /** The local part still holds a routing operator. */
  readonly routed: boolean;
  readonly transport: Transport;
}

/**
 * Rewrites and resolves addresses for one configuration; ADDRESS_REWRITING_README, trivial-rewrite(8). That program reads
 * main.cf for itself; what the server does with the answer goes by its own settings.
 */
export class Resolver {
  /** The line with which trivial-rewrite dies: nobody who asks it gets an answer. */
  readonly fatal: string | undefined;
  /** It is asked about the server's own probes, too, whatever address a client gives: even the null sender waits for it. */
  readonly completesProbes: boolean;
  private readonly rewriting: RewriteSettings;
  /** The server's own. */
  private readonly origin: string;
  private readonly config: PostfixConfig;
  private readonly own: OwnDomains;
  /** Those of trivial-rewrite. */
  private readonly rewriter: PostfixConfig;
  private readonly rewriterOrigin: string;
  private readonly local: OwnDomains;
  private readonly myhostname: string;
  private readonly destinations: MatchList;
  private readonly aliasDomains: MatchList;
  private readonly mailboxDomains: MatchList;
  private readonly relayDomains: MatchList;
  private readonly transports: TransportTable;
  private readonly relocated: Maps;
  /** Some of its tables are not known, and none can fail. */
  private readonly canWait: boolean;
  private readonly openDequoted: boolean;
  private readonly nullDomain: boolean;
  private readonly numericDomain: boolean;
  private readonly minUser: boolean;
  private readonly emptyRecipient: string;

  constructor(config: PostfixConfig) {
    const { rewriting } = config;
    this.fatal = config.askedFatal('trivial-rewrite');
    this.completesProbes = atLeast(config.version, '2.10') && !/^(?:<>)?$/.test(config.get('address_verify_sender'));
    this.config = config;
    this.origin = config.get('myorigin');
    this.own = new OwnDomains(config);
    this.rewriter = rewriting;
    this.rewriterOrigin = rewriting.get('myorigin');
    this.local = rewriting === config ? this.own : new OwnDomains(rewriting);
    this.rewriting = rewriteSettings(rewriting);
    this.myhostname = rewriting.get('myhostname');
    this.destinations = this.local.listed;
    this.aliasDomains = rewriting.matchList('virtual_alias_domains');
    this.mailboxDomains = rewriting.matchList('virtual_mailbox_domains');
    this.relayDomains = rewriting.matchList('relay_domains');
    this.transports = new TransportTable(rewriting);
    this.relocated = new Maps(rewriting, 'relocated_maps');
    this.canWait = canWait(
      [
        ...[this.destinations, this.aliasDomains, this.mailboxDomains, this.relayDomains],
        ...[this.transports.maps, this.relocated],
      ].flatMap(({ tables }) => tables),
    );
    this.openDequoted = rewriting.boolean('resolve_dequoted_address');
    this.nullDomain = rewriting.boolean('resolve_null_domain');
    this.numericDomain = rewriting.boolean('resolve_numeric_domain');
    this.minUser = rewriting.boolean('allow_min_user');
    this.emptyRecipient = rewriting.get('empty_address_recipient');
  }

  /** The rewritten address in internal form; the null address stays empty. */
  rewritten(text: string): string {
    const { local, domain } = rewrite(partsOf(text), this.rewriting);
    return domain === undefined ? local : `${local}@${domain}`;
  }

  /** Resolves an envelope address; what needs neither rewriting nor a search for operators takes the short way. */
  resolve(envelope: Envelope & { readonly kind: 'address' }, trail: Trail): Resolved {
    const { text, plainDomain, domainEnding } = envelope;
    if (plainDomain === undefined) return this.resolveText(text, trail);
    if (this.canWait) return this.whenAsked(text, plainDomain, domainEnding, trail);
    // A plain domain is no address literal, and has no dot at its end.
    const local = matched(this.destinations.matchString(plainDomain, plainDomain, domainEnding), trail);
    return local === undefined ? failure(text) : this.classified(text, plainDomain, domainEnding, local, false, trail);
  }

  private classified(
    address: string,
    domain: string,
    ending: number,
    local: boolean,
    routed: boolean,
    trail: Trail,
  ): Resolved {
    const addressClass = local ? 'local' : this.classOf(domain, ending, trail);
    if (addressClass === undefined) return failure(address);
    const transport = this.transportOf(address, domain, addressClass, trail);
    if (transport === undefined) return failure(address);
    return { badSyntax: false, failed: false, address, domain, addressClass, routed, transport };
  }

  /** The same for a plain domain where no table can fail: what is not known is asked when it counts. */
  private whenAsked(address: string, domain: string, ending: number, trail: Trail): Resolved {
    const isLocal = () => matched(this.destinations.matchString(domain, domain, ending), trail) === true;
    const findClass = () => (isLocal() ? 'local' : (this.classOf(domain, ending, trail) ?? 'default'));
    const findTransport = (of: AddressClass) => this.transportOf(address, domain, of, trail) ?? {};
    let addressClass: AddressClass | undefined;
    let transport: Transport | undefined;
    return {
      ...{ badSyntax: false, failed: false, address, domain, routed: false },
      get addressClass() {
        addressClass ??= findClass();
        return addressClass;
      },
      get transport() {
        transport ??= findTransport(this.addressClass);
        return transport;
      },
    };
  }

  private resolveText(text: string, trail: Trail): Resolved {
    const rewritten = this.rewritten(text);
    const stripped = this.stripLocal(partsOf(rewritten), text.length + 100, trail);
    if (stripped === undefined) return failure(rewritten.toLowerCase());
    const { parts, local } = stripped;
    let domain = parts.domain ?? '';
    let badSyntax = false;
    if (domain.startsWith('[')) badSyntax = !validAddressLiteral(domain);
    else if (!validHostName(domain)) {
      if (this.numericDomain && validAddressLiteral(`[${domain}]`)) domain = `[${domain}]`;
      else badSyntax = true;
    }
    const address = `${parts.local}@${domain}`.toLowerCase();
    const routed = /[!%@]/.test(parts.local);
    domain = domain.toLowerCase();
    if (badSyntax) return { badSyntax, failed: false, address, domain, addressClass: 'default', routed, transport: {} };
    const resolved = this.classified(address, domain, endingOf(domain), local, routed, trail);
    // Looked at last: what cannot be looked up is no matter of syntax.
    const dashed = !this.minUser && parts.local.startsWith('-') && !resolved.failed;
    return dashed ? { ...resolved, badSyntax: true } : resolved;
  }

  /** Whether mail for the domain ends here, as the server itself sees it; undefined when a table could not be asked. */
  isLocal(domain: string, trail: Trail): boolean | undefined {
    return this.own.has(domain, trail);
  }

  /**
   * Takes local domains off, one after the other, and follows the routing operators found below them, until the
   * domain is remote or nothing but a local part is left.
   */
  private stripLocal(start: Parts, limit: number, trail: Trail): { parts: Parts; local: boolean } | undefined {
    let parts = start;
    let saved: string | undefined;
    for (let round = 0; round <= limit; round++) {
      if (parts.domain !== undefined) {
        let domain = parts.domain;
        if (domain.length > 1 && domain.endsWith('.') && !domain.endsWith('..')) domain = domain.slice(0, -1);
        if (this.nullDomain && domain === '') {
          parts = { ...parts, domain: undefined };
        } else {
          const local = domain === '' ? true : this.local.has(domain, trail);
          if (local === undefined) return undefined;
          if (!local) return { parts: { ...parts, domain }, local: false };
          saved = domain;
          parts = { ...parts, domain: undefined };
        }
      }
      const next = this.operatorBelow(parts);
      if (next !== undefined) {
        parts = next;
      } else if (parts.local === '') {
        parts = partsOf(this.emptyRecipient);
      } else if (saved === undefined) {
        parts = { ...parts, domain: this.myhostname };
      } else {
        return { parts: { ...parts, domain: saved }, local: true };
      }
    }
    return undefined;
  }

  /** A local part such as `user%site` or `"user@site"` is an address of its own. */
  private operatorBelow({ local, quoted }: Parts): Parts | undefined {
    const { swapBangPath, percentHack } = this.rewriting;
    if (!quoted) {
      if (!(swapBangPath && local.includes('!')) && !(percentHack && local.includes('%'))) return undefined;
      return rewrite({ local, quoted, domain: undefined }, this.rewriting);
    }
    if (!this.openDequoted) return undefined;
    let operator = local.lastIndexOf('@');
    if (operator < 0 && percentHack) operator = local.lastIndexOf('%');
    if (operator >= 0) {
      return rewrite(partsOf(`${local.slice(0, operator)}@${local.slice(operator + 1)}`), this.rewriting);
    }
    if (swapBangPath && local.includes('!'))
      return rewrite({ local, quoted: false, domain: undefined }, this.rewriting);
    return undefined;
  }

  /** `domain` in lower case; `ending` is its `endingOf`. */
  private classOf(domain: string, ending: number, trail: Trail): AddressClass | undefined {
    const alias = matched(this.aliasDomains.matchString(domain, domain, ending), trail);
    if (alias !== false) return alias && 'virtual alias';
    const mailbox = matched(this.mailboxDomains.matchString(domain, domain, ending), trail);
    if (mailbox !== false) return mailbox && 'virtual mailbox';
    const relay = matched(this.relayDomains.matchDomain(domain, domain, ending), trail);
    if (relay !== false) return relay && 'relay';
    return 'default';
  }

  private transportOf(
    address: string,
    domain: string,
    addressClass: AddressClass,
    trail: Trail,
  ): Transport | undefined {
    const transport = this.transports.find(address, domain, addressClass, trail);
    if (transport === undefined || this.relocated.empty) return transport;
    const keys = addressKeys(address, keySettings(this.rewriter, this.rewriterOrigin, this.local, domain, trail));
    const moved = this.relocated.findAny(keys, trail);
    if (moved instanceof TableFailure) return undefined;
    return moved === undefined ? transport : { error: `5.1.6 User has moved to ${moved}` };
  }

  /** What the keys of an address in the server's own maps, as virtual_alias_maps, depend on. */
  keySettings(domain: string, trail: Trail): KeySettings {
    return keySettings(this.config, this.origin, this.own, domain, trail);
  }
}

interface KeySettings {
  readonly config: PostfixConfig;
  readonly bare: boolean;
}

function keySettings(
  config: PostfixConfig,
  origin: string,
  own: OwnDomains,
  domain: string,
  trail: Trail,
): KeySettings {
  return { config, bare: domain.toLowerCase() === origin.toLowerCase() || own.has(domain, trail) === true };
}

function failure(address: string): Resolved {
  const domain = address.slice(address.lastIndexOf('@') + 1);
  return { badSyntax: false, failed: true, address, domain, addressClass: 'default', routed: false, transport: {} };
}

/** The domains whose mail ends at this host, as one program reads main.cf: mydestination and its own addresses. */
class OwnDomains {
  readonly listed: MatchList;
  private readonly config: PostfixConfig;

  constructor(config: PostfixConfig) {
    this.config = config;
    this.listed = config.matchList('mydestination');
  }

  /** Undefined when a table could not be asked. */
  has(domain: string, trail: Trail): boolean | undefined {
    if (domain === '') return false;
    const name = domain.endsWith('.') ? domain.slice(0, -1) : domain;
    if (name === '' || name.endsWith('.')) return false;
    const listed = matched(this.listed.matchString(name), trail);
    if (listed !== false) return listed;
    return isOwnAddress(this.config, name, trail);
  }
}
