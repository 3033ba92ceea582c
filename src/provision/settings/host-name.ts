import { domainToASCII } from 'node:url';
import type { Problem } from '../../lib/problem.ts';

/** What a rule may ask for, and where it leaves what it found. */
export interface Reading {
  /** Names of the known presets. */
  readonly presets: readonly string[];
  readonly problems: Problem[];
  readonly notes: Problem[];
  /** How the value came in, for messages: `--relay-port`, or `relay-port in setup.yaml`. */
  readonly source: string;
}

/** A name that was accepted: `name` is what is stored, `given` what was typed. */
export interface HostName {
  readonly name: string;
  readonly given: string;
}

const longestLabel = 63;
/** DNS ends at 253; a host's files bear its name with an ending (and, while they are written, a longer one), and end at 255. */
const longestName = 246;

/** One refusal: what is wrong, said after the quoted name, and what to write instead. */
interface Refusal {
  readonly code: string;
  readonly test: (name: string) => boolean;
  readonly says: string;
  readonly hint: string;
}

const labels = (name: string): readonly string[] => name.split('.');
const plainHint = 'write a host name such as "client.example.com"';

// Characters come before structure: a name with a line break should be told so, not that a label is odd.
const written: readonly Refusal[] = [
  { code: 'host-name-empty', test: (name) => name === '', says: 'is empty', hint: plainHint },
  {
    code: 'host-name-control',
    test: (name) => /[\p{Cc}\u2028\u2029]/u.test(name),
    says: 'holds a line break or another control character',
    hint: 'give one name at a time, on one line',
  },
  { code: 'host-name-space', test: (name) => /\s/.test(name), says: 'holds a space', hint: 'give one name at a time' },
  {
    code: 'host-name-slash',
    test: (name) => /[/\\]/.test(name),
    says: 'holds a slash',
    hint: 'a host name is neither a path nor an address with a prefix length',
  },
  {
    code: 'host-name-address',
    // Also what a resolver would take for an address: a last label of digits, or hexadecimal (RFC 1123 section 2.1).
    test: (name) => /[[\]:]/.test(name) || /(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)\.?$/i.test(name),
    says: 'is an address, not a host name',
    hint: 'certificates here are for names; use the name that the address has in DNS or in /etc/hosts',
  },
  {
    code: 'host-name-wildcard',
    test: (name) => name.includes('*'),
    says: 'is a wildcard',
    hint: 'every host has a certificate of its own; name them one by one or use --clients-file',
  },
  {
    code: 'host-name-underscore',
    test: (name) => name.includes('_'),
    says: 'holds an underscore, which host names may not (RFC 952)',
    hint: 'write a hyphen, or the name that the host really has',
  },
  {
    code: 'host-name-character',
    test: (name) => /[!-,;-@[-`{-~]/.test(name),
    says: 'holds a character that host names may not',
    hint: 'letters, digits, hyphens and dots only (RFC 1123)',
  },
];

const structure: readonly Refusal[] = [
  {
    code: 'host-name-label-empty',
    test: (name) => labels(name).includes(''),
    says: 'has an empty label: a dot too many',
    hint: plainHint,
  },
  {
    code: 'host-name-label-long',
    test: (name) => labels(name).some((label) => label.length > longestLabel),
    says: `has a label of more than ${longestLabel} characters`,
    hint: 'DNS does not carry such names (RFC 1035 section 2.3.4)',
  },
  {
    code: 'host-name-long',
    test: (name) => name.length > longestName,
    says: `is longer than ${longestName} characters`,
    hint: 'its files could not bear it; DNS itself ends at 253 (RFC 1035 section 2.3.4)',
  },
  {
    code: 'host-name-hyphen',
    test: (name) => labels(name).some((label) => label.startsWith('-') || label.endsWith('-')),
    says: 'has a label that begins or ends with a hyphen',
    hint: 'letters, digits, hyphens and dots only, hyphens in the middle (RFC 1123)',
  },
  {
    code: 'host-name-a-label',
    test: (name) => labels(name).some((label) => label.startsWith('xn--') && domainToASCII(label) !== label),
    says: 'has an "xn--" label that is no valid internationalised name',
    hint: 'write the name in Unicode and let certrelay convert it',
  },
];

/** Long input is cut in messages, and control characters are shown as JSON shows them. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
}

/**
 * An ordinary name, about which none of the refusals has anything to say: short labels of lower-case letters and digits with
 * hyphens in the middle, none of them an A-label, the last one a word. A fleet's names are judged at every start.
 */
const ordinary = /^(?:(?!xn--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!xn--)[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * Reads a host name as RFC 952 and RFC 1123 allow it. Letters are folded to lower case, Unicode becomes A-labels
 * (UTS 46, as browsers do it), and one trailing dot is dropped. The result is safe as a folder name, as a dNSName and in
 * Postfix tables. A single label is a host name too; whether it is wise is the caller's question.
 */
export function readHostName(text: string): HostName | Problem {
  if (text.length <= longestName && ordinary.test(text)) return { name: text, given: text };
  const refusedAsWritten = refuse(text, text, written);
  if (refusedAsWritten !== undefined) return refusedAsWritten;
  const lower = text.toLowerCase();
  const isAscii = /^[!-~]*$/.test(lower);
  const ascii = isAscii ? lower : domainToASCII(lower);
  if (ascii === '') {
    return {
      code: 'host-name-unicode',
      message: `host name ${quoted(text)} has no form in A-labels`,
      hint: 'some of its characters are not allowed in internationalised names (RFC 5891)',
    };
  }
  const name = ascii.endsWith('.') ? ascii.slice(0, -1) : ascii;
  // The conversion may bring forth what was hidden, such as full-width digits and slashes.
  return refuse(text, name, isAscii ? structure : [...written, ...structure]) ?? { name, given: text };
}

function refuse(given: string, name: string, refusals: readonly Refusal[]): Problem | undefined {
  const found = refusals.find(({ test }) => test(name));
  if (found === undefined) return undefined;
  return { code: found.code, message: `host name ${quoted(given)} ${found.says}`, hint: found.hint };
}

/** Whether a name could be read; otherwise it is the problem with it. */
export function isHostName(read: HostName | Problem): read is HostName {
  return 'name' in read;
}

/** True when the name is the domain or lies below it; both lower-case A-labels. */
export function isWithin(name: string, domain: string): boolean {
  return name === domain || name.endsWith(`.${domain}`);
}
