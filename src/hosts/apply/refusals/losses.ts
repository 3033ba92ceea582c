import { canRefuse } from '../../../policy/postfix/restriction-list.ts';
import { tokens } from '../../../policy/postfix/tokens.ts';
import type { Version } from '../../../policy/postfix/version.ts';
import type { Manifest, Setting } from '../../programs/manifest.ts';
import type { Refusal } from './refusal.ts';

const lists = ['smtpd_relay_restrictions', 'smtpd_recipient_restrictions'] as const;

/** What every host has in such a list, and what a folder has words of its own for. */
const usual = new Set([
  'permit_mynetworks',
  'permit_sasl_authenticated',
  'permit_tls_clientcerts',
  'reject_unauth_destination',
  'defer_unauth_destination',
]);

/** Restrictions that have an argument, and what changes the next restriction. */
const leading =
  /^(?:check_\w+_access|check_policy_service|reject_rbl_client|reject_rhsbl_\w+|permit_dnswl_client|permit_rhswl_client|warn_if_reject|sleep)$/i;

/** What the host says of its own lists. */
export interface HostLists {
  readonly version: Version;
  /** What main.cf sets, as written. */
  readonly set: ReadonlyMap<string, string>;
  /** A value in force with every `$name` filled in. */
  expanded(name: string): string;
  /** What an earlier run set. */
  readonly owned: readonly Setting[];
}

/** The restrictions of a list, each with its argument. */
export function elementsOf(value: string, version: Version): readonly string[] {
  const elements: string[] = [];
  let open = '';
  for (const word of tokens(value, version)) {
    open = open === '' ? word : `${open} ${word}`;
    if (leading.test(word)) continue;
    elements.push(open);
    open = '';
  }
  return open === '' ? elements : [...elements, open];
}

/**
 * A restriction of the host's own that the folder's list does not have would be gone with it, which no certificate is
 * worth: the folder has to be made from the settings of the host. Undefined when nothing is lost.
 */
export function lossOf({ settings }: Manifest, host: HostLists): Refusal | undefined {
  const value = (name: string, from: readonly Setting[]) => from.find((setting) => setting.name === name)?.value;
  for (const list of lists) {
    const wanted = value(list, settings);
    const was = host.set.get(list);
    if (wanted === undefined || was === undefined) continue;
    // Where the relay list is to be empty, the recipient list decides alone, and may have taken over what stood here.
    const alone = wanted === '';
    const kept = alone ? (value('smtpd_recipient_restrictions', settings) ?? '') : wanted;
    const known = new Set([
      ...elementsOf(kept, host.version),
      ...elementsOf(value(list, host.owned) ?? '', host.version),
    ]);
    const gone = lost(host.expanded(list), known, host);
    if (gone.length === 0) continue;
    const again = `certrelay init ${alone ? '--policy relay ' : ''}--base-main-cf base --yes`;
    return {
      exit: 'denied',
      problem: {
        code: 'restrictions-lost',
        message: `nothing changed: ${list} of this host would lose`,
        hint: `make this folder again from the settings of this host, which keeps them: postconf -n >base; ${again}`,
      },
      details: [
        ...gone.map((element) => `    ${element}`),
        `  main.cf: ${list} = ${was}`,
        `  this folder's main.cf: ${list} =${wanted === '' ? '' : ` ${wanted}`}`,
      ],
    };
  }
  return undefined;
}

function lost(value: string, known: ReadonlySet<string>, { version, set }: HostLists): readonly string[] {
  const words = tokens(value, version);
  const classNames = new Set(tokens(set.get('smtpd_restriction_classes') ?? '', version));
  const refuses = canRefuse(words, (name) => (classNames.has(name) ? tokens(set.get(name) ?? '', version) : undefined));
  return elementsOf(value, version).filter((element) => {
    const folded = element.toLowerCase();
    // After a refusal of unlisted clients it says what the end of a list says anyway.
    if (folded === 'permit' && refuses) return false;
    return !usual.has(folded) && !known.has(element);
  });
}
