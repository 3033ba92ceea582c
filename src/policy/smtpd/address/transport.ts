import { type PostfixConfig, TableFailure } from '../../postfix/config.ts';
import type { Trail } from '../questions/trail.ts';
import { type Key, split, withoutExtension } from './keys.ts';
import { Maps } from './maps.ts';

/** The address classes of ADDRESS_CLASS_README. */
export type AddressClass = 'local' | 'virtual alias' | 'virtual mailbox' | 'relay' | 'default';

/** A transport matters to the server only when it refuses: `error:text` or `retry:text`. */
export interface Transport {
  readonly error?: string;
  readonly retry?: string;
}

const delivers: Transport = {};
const refuses = /^(error|retry)(:|$)/;

const parameters = {
  local: 'local_transport',
  'virtual mailbox': 'virtual_transport',
  relay: 'relay_transport',
  default: 'default_transport',
} as const;

/** The delivery transport of an address: that of its class, or what transport_maps says (transport(5)). */
export class TransportTable {
  private readonly config: PostfixConfig;
  readonly maps: Maps;
  private readonly byClass: Readonly<Record<keyof typeof parameters, string>>;
  /** Of the transports of the classes: whether one refuses all there is. */
  private readonly refusesByClass: Readonly<Record<keyof typeof parameters, boolean>>;
  private readonly parents: boolean;
  private readonly aliasError: Transport;

  constructor(config: PostfixConfig) {
    this.config = config;
    this.maps = new Maps(config, 'transport_maps');
    this.byClass = {
      local: config.get(parameters.local),
      'virtual mailbox': config.get(parameters['virtual mailbox']),
      relay: config.get(parameters.relay),
      default: config.get(parameters.default),
    };
    this.refusesByClass = {
      local: refuses.test(this.byClass.local),
      'virtual mailbox': refuses.test(this.byClass['virtual mailbox']),
      relay: refuses.test(this.byClass.relay),
      default: refuses.test(this.byClass.default),
    };
    this.parents = /(^|[\s,])transport_maps($|[\s,])/.test(config.get('parent_domain_matches_subdomains'));
    const where = config.boolean('show_user_unknown_table_name') ? ' in virtual alias table' : '';
    this.aliasError = { error: `5.1.1 User unknown${where}` };
  }

  /** Undefined when transport_maps could not be asked. */
  find(address: string, domain: string, addressClass: AddressClass, trail: Trail): Transport | undefined {
    if (addressClass === 'virtual alias') return this.aliasError;
    const text = this.byClass[addressClass];
    const own = this.refusesByClass[addressClass] ? transportOf(text, '', domain) : delivers;
    if (this.maps.empty) return own;
    const keys = this.keys(address, domain);
    // A table that is not known is taken to name transports that deliver.
    if (own === delivers && this.maps.canWait) {
      const known = this.maps.findKnown(keys);
      if (typeof known !== 'string' || transportOf(known, text, domain) === delivers) return delivers;
    }
    const found = this.maps.findAny(keys, trail);
    if (found instanceof TableFailure) return undefined;
    return found === undefined ? own : transportOf(found, text, domain);
  }

  private keys(address: string, domain: string): Key[] {
    const { local } = split(address);
    const base = withoutExtension(local, this.config);
    const keys: Key[] = [{ text: address, full: true }];
    if (base !== undefined) keys.push({ text: `${base}@${domain}`, full: false });
    // Pattern tables are asked about the whole address only (transport(5)).
    keys.push({ text: domain, full: false });
    for (let dot = domain.indexOf('.', 1); dot >= 0; dot = domain.indexOf('.', dot + 1)) {
      keys.push({ text: domain.slice(this.parents ? dot + 1 : dot), full: false });
    }
    keys.push({ text: '*', full: true });
    return keys;
  }
}

/** `transport:nexthop`; an empty transport keeps that of the class. */
function transportOf(text: string, fallback: string, domain: string): Transport {
  const colon = text.indexOf(':');
  const given = colon < 0 ? text : text.slice(0, colon);
  const nexthop = colon < 0 ? '' : text.slice(colon + 1).trim();
  // With neither, nothing changes: the transport of the class stays with its next hop.
  if (given === '' && nexthop === '' && fallback !== '') return transportOf(fallback, '', domain);
  const [name = ''] = (given === '' ? fallback : given).split(':');
  if (name === 'error') return { error: nexthop === '' ? domain : nexthop };
  if (name === 'retry') return { retry: nexthop === '' ? domain : nexthop };
  return delivers;
}
