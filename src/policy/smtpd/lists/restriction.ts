import type { Check } from './run.ts';
import type { Site } from './scope.ts';

/** What a restriction asks of the world outside the configuration and the session. */
export type World = 'dns' | 'dnsbl' | 'policy' | 'verify';

/** One row of the table of restrictions. */
export interface Restriction {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** First minor release that knows the name. */
  readonly since: string;
  /** First minor release that answers it with a server configuration error. */
  readonly until?: string;
  readonly takes?: 'table' | 'domain' | 'service' | 'seconds';
  readonly doc: string;
  readonly consults?: readonly World[];
  compile(site: Site): Check;
}
