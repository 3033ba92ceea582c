import type { MatchList, PostfixConfig } from '../../postfix/config.ts';
import { isOwnAddress } from '../questions/own-address.ts';
import type { Trail } from '../questions/trail.ts';
import { matched } from './matched.ts';

/** The domains whose mail ends at this host, as one program reads main.cf: mydestination and its own addresses. */
export class OwnDomains {
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
