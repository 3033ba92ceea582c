import { parseAddress } from '../../../lib/ip.ts';
import type { Table, TableFailure } from '../../postfix/config.ts';
import { atLeast, type Version } from '../../postfix/version.ts';
import { split, withoutExtension } from '../address/keys.ts';
import { externalForm } from '../address/quote.ts';
import type { Mailbox } from '../dialogue/session.ts';
import type { Questions } from '../questions/questions.ts';
import type { Trail } from '../questions/trail.ts';

/** The right-hand side, undefined when no key is in the table, or why the table could not be asked. */
export type AccessAnswer = string | undefined | TableFailure;

/** What the content of an unknown table can make of a session: one right-hand side for each thing that an action can do. */
const outcomes: readonly AccessAnswer[] = [
  undefined,
  'OK',
  'REJECT unknown',
  'DEFER unknown',
  'DEFER_IF_PERMIT unknown',
  'DEFER_IF_REJECT unknown',
  'DISCARD',
];

/** As many different right-hand sides of a table are tried one by one where its key is not known. */
const listedOutcomes = 100;

/** access(5) lookups in one table, for one configuration. */
export class AccessLookup {
  readonly table: Table;
  private readonly questions: Questions;
  private readonly version: Version;
  /** parent_domain_matches_subdomains names smtpd_access_maps: parents are written without a leading dot. */
  private readonly bareParents: boolean;

  constructor(table: Table, questions: Questions) {
    const { config } = questions;
    this.table = table;
    this.questions = questions;
    this.version = config.version;
    this.bareParents = /(^|[\s,])smtpd_access_maps($|[\s,])/.test(config.get('parent_domain_matches_subdomains'));
  }

  /** One exact key. */
  exact(key: string, subject: string, trail: Trail): AccessAnswer {
    return this.table.opaque === undefined ? this.table.find(key) : this.open(`for ${subject} "${key}"`, trail);
  }

  /** A host name and its parent domains, top-level names included. */
  domain(name: string, subject: string, trail: Trail): AccessAnswer {
    if (this.table.opaque !== undefined) return this.open(`for ${subject} "${name}"`, trail);
    return this.domainKeys(name, true);
  }

  /** A host's address with its networks. */
  address(address: string, subject: string, trail: Trail): AccessAnswer {
    if (this.table.opaque !== undefined) return this.open(`for ${subject} "${address}"`, trail);
    return this.addressKeys(address);
  }

  /** The client's name with its parents, then its address with its networks. */
  client(name: string, address: string, subject: string, trail: Trail): AccessAnswer {
    if (this.table.opaque !== undefined) return this.open(`for ${subject} "${name}[${address}]"`, trail);
    const byName = this.domainKeys(name, true);
    return byName === undefined ? this.addressKeys(address) : byName;
  }

  /** A sender or recipient: the address, its domain with parents, the local part. */
  mailbox(mailbox: Mailbox, subject: string, trail: Trail): AccessAnswer {
    if (this.table.opaque !== undefined) return this.open(`for ${subject} "${mailbox.resolved.address}"`, trail);
    const modern = atLeast(this.version, '3.2');
    const { address } = mailbox.resolved;
    const { local, domain } = split(address);
    const source = modern ? address : mailbox.text;
    const base = withoutExtension(split(source).local, this.questions.config);
    const sourceDomain = source.includes('@') ? `@${split(source).domain}` : '';
    const before = base === undefined ? [address] : [address, `${base}${sourceDomain}`];
    const after = base === undefined ? [`${local}@`] : [`${local}@`, `${base}@`];
    let value = this.firstOf(before, modern, true);
    if (value === undefined) value = this.domainKeys(domain, false);
    return value === undefined ? this.firstOf(after, modern, false) : value;
  }

  /** The address, then for an IPv4 address its octet prefixes, for IPv6 its groups. */
  private addressKeys(address: string): AccessAnswer {
    const separator = address.includes(':') ? ':' : '.';
    let value = this.table.find(address);
    if (!this.table.fixed) return value;
    for (
      let end = address.lastIndexOf(separator);
      value === undefined && end >= 0;
      end = address.lastIndexOf(separator, end - 1)
    ) {
      value = this.table.find(address.slice(0, end));
      if (end === 0) break;
    }
    return value;
  }

  private domainKeys(name: string, full: boolean): AccessAnswer {
    if (name === '') return undefined;
    let value: AccessAnswer = full || this.table.fixed ? this.table.find(name) : undefined;
    if (value !== undefined || !this.table.fixed || isAddress(name)) return value;
    // The search for the next dot leaves out the first character, so that a leading dot is no parent of its own.
    for (let start = 0, dot = name.indexOf('.', 1); dot >= 0; dot = name.indexOf('.', start + 1)) {
      start = this.bareParents ? dot + 1 : dot;
      if (start === name.length) break;
      value = this.table.find(name.slice(start));
      if (value !== undefined) break;
    }
    return value;
  }

  /** The first of the keys that is there; `full` holds for the first key only. */
  private firstOf(keys: readonly string[], quoting: boolean, full: boolean): AccessAnswer {
    let first = full;
    for (const text of keys) {
      const quoted = quoting ? externalForm(text) : text;
      for (const key of quoted === text ? [text] : [quoted, text]) {
        if (!first && !this.table.fixed) continue;
        const value = this.table.find(key);
        if (value !== undefined) return value;
      }
      first = false;
    }
    return undefined;
  }

  /** What the table may answer where its keys cannot be listed. */
  outcomes(): readonly AccessAnswer[] {
    const { values } = this.table;
    return values === undefined ? outcomes : [undefined, ...new Set(values())];
  }

  private open(what: string, trail: Trail): AccessAnswer {
    return trail.suppose(`table ${this.table.spec} ${what}`, outcomes);
  }

  /** What the table may answer to a key that was not given: any of its right-hand sides, or nothing. */
  unknownKey(what: string, trail: Trail): AccessAnswer {
    const values =
      this.table.entries === undefined ? undefined : new Set(this.table.entries.map((entry) => entry.value));
    const listed = values === undefined || values.size > listedOutcomes ? outcomes : [undefined, ...values];
    // Two tables hold different answers to the same unknown key.
    return trail.suppose(`${what} in ${this.table.spec}`, listed, what);
  }
}

/** Numbers have no parent domains. */
function isAddress(name: string): boolean {
  const last = name.charCodeAt(name.length - 1);
  return ((last >= 48 && last <= 57) || name.includes(':')) && parseAddress(name) !== undefined;
}
