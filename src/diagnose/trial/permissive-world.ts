import { permissiveWorld } from '../../policy/identities/permissive-world.ts';
import { withTables } from '../../policy/postfix/altered.ts';
import type { PostfixConfig, Table } from '../../policy/postfix/config.ts';
import type { Conversation } from '../../policy/smtpd/dialogue/conversation.ts';
import { readConversation } from '../../policy/smtpd/dialogue/read-conversation.ts';
import { Simulator } from '../../policy/smtpd/dialogue/simulate.ts';
import type { Verdict } from '../../policy/smtpd/lists/verdict.ts';
import { compile } from '../../policy/smtpd/start/compile.ts';

/** The verdict on a session where nothing outside objects to it, and which of those assumptions it depends on. */
export interface ConditionalVerdict {
  readonly verdict: Verdict;
  /** Each as the end of "if …": lower case, no full stop. Empty: the configuration alone decides. */
  readonly conditions: readonly string[];
}

/** Each round answers for the policy services that the one before asked. */
const mostRounds = 4;

/**
 * Decides sessions whose verdict is open, assuming a permissive world: policy services do not object, databases list
 * nothing, every name exists. Answers that were given with the session come first. A verdict that is still open, because
 * it depends on the client, stays as it was.
 */
export class PermissiveWorld {
  private readonly config: PostfixConfig;
  private simulator: Simulator | undefined;

  /** `config` as it is for the open verdict. */
  constructor(config: PostfixConfig) {
    this.config = config;
  }

  decide(conversation: Conversation, open: Verdict): ConditionalVerdict {
    this.simulator ??= new Simulator(compile(withTables(this.config, withoutEntries)));
    const missing = new Set(open.missing);
    let verdict = open;
    for (let round = 0; round < mostRounds && verdict.verdict === 'unknown'; round++) {
      verdict = this.simulator.decide(withPermissiveAnswers(conversation, [...missing]));
      for (const key of verdict.missing) missing.add(key);
    }
    return verdict.verdict === 'unknown' ? { verdict: open, conditions: [] } : { verdict, conditions: words(missing) };
  }
}

/** A database whose content cannot be known, as an empty one. */
function withoutEntries(table: Table): Table {
  if (table.opaque === undefined) return table;
  const { opaque: _, ...rest } = table;
  return { ...rest, find: () => undefined };
}

const policyKey = /^policy (\S+) for /;

function withPermissiveAnswers(conversation: Conversation, missing: readonly string[]): Conversation {
  const { peer, helo, mailFrom, rcptTo } = conversation;
  const world = permissiveWorld({
    client: { address: peer.address, name: peer.name, reverseName: peer.reverseName },
    helo: helo?.name ?? peer.name,
    mailFrom: mailFrom?.given ?? '',
    rcptTo: rcptTo.map(({ given }) => given),
  });
  const services = missing.flatMap((key) => policyKey.exec(key)?.[1] ?? []);
  const policy = Object.fromEntries(services.map((service) => [service, 'DUNNO']));
  const permissive = readConversation({ client: { address: peer.address } }, world, { policy });
  return {
    ...conversation,
    dns: { ...permissive.dns, ...conversation.dns },
    policy: { ...permissive.policy, ...conversation.policy },
  };
}

/** What the verdict depends on, named by what one would have to check. */
function words(missing: Iterable<string>): readonly string[] {
  const all = new Set<string>();
  let names = 0;
  for (const key of missing) {
    const service = policyKey.exec(key)?.[1];
    const table = /^table (\S+) (?:for|key) /.exec(key)?.[1];
    const failing = /^table (\S+) cannot be asked$/.exec(key)?.[1];
    if (service !== undefined) all.add(`the policy service ${service} lets it pass`);
    else if (table !== undefined) all.add(`${table} lists nothing about it`);
    else if (failing !== undefined) all.add(`${failing} can be asked`);
    else names += 1;
  }
  return [...all, ...(names === 0 ? [] : ['DNS has nothing against it'])];
}
