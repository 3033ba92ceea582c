import type { Bench } from '../../policy/identities/judge.ts';
import { foreignAddresses, outsideRecipients, sessionOf } from '../../policy/identities/sessions.ts';
import type { PostfixConfig } from '../../policy/postfix/config.ts';
import { parseNetwork } from '../../policy/postfix/matching/address-pattern.ts';
import { tokens } from '../../policy/postfix/tokens.ts';
import type { Situation } from './expectations.ts';
import type { Identities } from './identities.ts';

/** Blocks larger than this are nobody's own: registries gave out no larger ones (RFC 7020). */
const widest = { 4: 8, 6: 16 } as const;

/** How many clients are claimed to be whatever their names. */
const sample = 100;

/** True for an address that is in none of the server's own networks. */
function isForeign(address: string, { config }: Bench): boolean {
  return config.matchList('mynetworks').matchClient('unknown', address) !== true;
}

/** The networks of mynetworks that no site can own, each with an address in it. */
function wideNetworks(config: PostfixConfig): readonly { readonly network: string; readonly address: string }[] {
  return tokens(config.get('mynetworks'), config.version).flatMap((element) => {
    const read = element.startsWith('!') ? undefined : parseNetwork(element);
    if (read === undefined || 'message' in read) return [];
    const { address, length } = read;
    if (length >= widest[address.family]) return [];
    const first = /^[0-9a-f]*/i.exec(address.text)?.[0] ?? '';
    const inside =
      address.family === 4 ? `${first === '0' ? 1 : first}.77.77.77` : `${first === '' ? '2001' : first}:db8::77`;
    return [{ network: element, address: inside }];
  });
}

/**
 * The clients that an unlisted client is tried as. A configuration can only tell clients apart by names that it mentions, or by
 * patterns, so those whose name or domain occurs in its texts are tried, one of each domain, and the first hundred.
 */
export function claimable({ admitted }: Identities, texts: readonly string[]): readonly string[] {
  const said = namesIn(texts);
  const names = [...new Set(admitted.map(({ client }) => client))];
  const seen = new Set<string>();
  return names.filter((name, index) => {
    const domain = name.slice(name.indexOf('.') + 1);
    const isNew = !seen.has(domain);
    seen.add(domain);
    return index < sample || isNew || said.has(name);
  });
}

/** Every host name in some texts with what is behind each of its dots, in lower case: texts may be as long as the list of clients. */
function namesIn(texts: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const text of texts) {
    for (const [word] of text.toLowerCase().matchAll(/[a-z0-9_][a-z0-9._-]*/g)) {
      for (let name = word.replace(/\.+$/, ''); name !== ''; ) {
        if (found.has(name)) break;
        found.add(name);
        const dot = name.indexOf('.');
        name = dot < 0 ? '' : name.slice(dot + 1);
      }
    }
  }
  return found;
}

/** A recipient that the base would refuse to an unlisted client; where it refuses none, any shows that. */
function outsideRecipient({ judge }: Bench, address: string): string {
  const refused = outsideRecipients.find((to) => judge(sessionOf({ address, to })).verdict === 'reject');
  return refused ?? outsideRecipients[0];
}

type Outside = Pick<Situation, 'foreignAddress' | 'foreignAddresses' | 'wideNetworks' | 'outsideRecipient'>;

/** The addresses and the recipient with which unlisted clients are tried on a server; `base` is what it was before. */
export function outsideOf(server: Bench, base: Bench): Outside {
  const foreign = foreignAddresses.filter((address) => isForeign(address, server));
  // With none left, the first will show it: it relays as one of the server's own.
  const foreignAddress = foreign[0] ?? foreignAddresses[0] ?? '';
  return {
    ...{ foreignAddress, foreignAddresses: foreign },
    wideNetworks: wideNetworks(server.config),
    outsideRecipient: outsideRecipient(base, foreign[0] ?? ''),
  };
}

/** What the judgements of a bench assume, as the end of "assuming …"; `absence` says why a table has no text. */
export function assumptionsOf(
  { presumedEmpty, assumesPermissiveWorld, config }: Bench,
  absence: string,
): readonly string[] {
  // Aliases do not decide who may relay, and the rows on local recipients are compared with the base.
  const aliases = `${config.get('alias_maps')} ${config.get('alias_database')}`;
  const presumed = [...presumedEmpty].filter((path) => !aliases.includes(path));
  return [
    ...presumed.map((path) => `that ${path}, ${absence}, has no entry that matters`),
    ...(assumesPermissiveWorld()
      ? ['that the domains of the session exist, no DNS list has the client, and no policy service objects']
      : []),
    ...config.assumptions.map(({ message }) => message),
  ];
}
