import { type Address, maskAddress, parseAddress } from '../../../../lib/ip.ts';
import type { Problem } from '../../../../lib/problem.ts';
import { isSpaceCode, trimEnd } from '../../../../lib/text.ts';
import type { Table, TableEntry } from '../../config.ts';
import { logicalLines, orphanWarning } from '../../logical-lines.ts';
import { parseNetwork } from '../../matching/address-pattern.ts';
import { atLeast } from '../../version.ts';
import { lineWarning } from '../line-warning.ts';
import { ruleSource } from '../rule-source.ts';
import type { TableHost, TableType } from '../table-type.ts';

/** One usable rule; `guards` are the `if` lines around it, all of which must hold. */
interface Rule {
  readonly network: Network;
  readonly value: string;
  readonly line: number;
  readonly guards: readonly Network[];
}

interface Network {
  readonly address: Address;
  readonly length: number;
  readonly negated: boolean;
  readonly text: string;
}

/** cidr_table(5): networks in the order of the file, the first that holds the address decides. */
export const cidr: TableType = {
  type: 'cidr',
  since: '2.9',
  doc: 'Networks in CIDR notation, the first match decides.',
  open(name, host) {
    const spec = `cidr:${name}`;
    const source = ruleSource('cidr', name, host);
    if ('table' in source) return source.table;
    const { rules, warnings } = readRules(source.text, name, host);
    const find = finder(rules);
    const plain = rules.every((rule) => !rule.network.negated && rule.guards.length === 0);
    const table: Table = {
      spec,
      fixed: false,
      find: (key) => {
        const address = parseAddress(key);
        return address === undefined ? undefined : find(address)?.value;
      },
      keys: () => rules.flatMap(({ network, guards }) => [network, ...guards].map(({ text }) => text)),
      warnings,
    };
    if (!plain) return table;
    const entry = (rule: Rule): TableEntry => ({
      key: rule.network.text,
      value: rule.value,
      where: { file: name, line: rule.line, column: 1 },
    });
    return { ...table, entries: rules.map(entry) };
  },
};

function readRules(text: string, file: string, host: TableHost): { rules: Rule[]; warnings: Problem[] } {
  const rules: Rule[] = [];
  const warnings: Problem[] = [];
  const guards: (Network & { readonly line: number })[] = [];
  const modern = atLeast(host.version, '3.2');
  const warn = (message: string, line: number) => warnings.push(lineWarning(file, line, message));
  logicalLines(
    text,
    (line, number) => {
      const complain = (message: string) => warn(`cidr map ${file}, line ${number}: ${message}`, number);
      const word = /^\S*/.exec(line)?.[0] ?? '';
      if (modern && word.toLowerCase() === 'endif') {
        if (trimEnd(line).length > word.length) complain('garbage after ENDIF: skipping this rule');
        else if (guards.pop() === undefined) complain('ENDIF without IF: skipping this rule');
        return;
      }
      const conditional = modern && word.toLowerCase() === 'if';
      const start = conditional ? spaceEnd(line, word.length) : 0;
      const { negated, at } = modern ? negation(line, start) : { negated: false, at: start };
      let end = at;
      while (end < line.length && (conditional || !isSpaceCode(line.charCodeAt(end)))) end++;
      const pattern = trimEnd(line.slice(at, end));
      const value = trimEnd(line.slice(spaceEnd(line, end)));
      if (pattern === '') {
        complain('no address pattern: skipping this rule');
        return;
      }
      const network = parseNetwork(pattern);
      if (!('address' in network)) {
        complain(`${network.message}: skipping this rule`);
        return;
      }
      if (conditional) {
        guards.push({ ...network, negated, text: pattern, line: number });
        return;
      }
      if (value === '') {
        complain('no lookup result: skipping this rule');
        return;
      }
      rules.push({ network: { ...network, negated, text: pattern }, value, line: number, guards: [...guards] });
    },
    (line, number) => warn(orphanWarning(file, line), number),
  );
  for (const { line } of guards.reverse()) warn(`cidr map ${file}, line ${line}: IF has no matching ENDIF`, line);
  return { rules, warnings };
}

function negation(line: string, start: number): { negated: boolean; at: number } {
  let negated = false;
  let at = start;
  for (; at < line.length; at++) {
    if (line[at] === '!') negated = !negated;
    else if (!isSpaceCode(line.charCodeAt(at))) break;
  }
  return { negated, at };
}

function spaceEnd(line: string, start: number): number {
  let end = start;
  while (end < line.length && isSpaceCode(line.charCodeAt(end))) end++;
  return end;
}

function holds(network: Network, address: Address): boolean {
  // A pattern of the other address family never holds, not even a negated one.
  if (network.address.family !== address.family) return false;
  return (maskAddress(address, network.length).key === network.address.key) !== network.negated;
}

/**
 * Finds the first rule that holds. Plain rules lie in one map for each prefix length, so a lookup costs as many probes
 * as there are lengths, not rules; the few with `!` or `if` are tried in turn.
 */
function finder(rules: readonly Rule[]): (address: Address) => Rule | undefined {
  const lengths: Record<4 | 6, Map<number, Map<number | string, number>>> = { 4: new Map(), 6: new Map() };
  const special: number[] = [];
  for (const [index, { network, guards }] of rules.entries()) {
    if (network.negated || guards.length > 0) {
      special.push(index);
      continue;
    }
    const family = lengths[network.address.family];
    const map = family.get(network.length) ?? new Map<number | string, number>();
    family.set(network.length, map);
    if (!map.has(network.address.key)) map.set(network.address.key, index);
  }
  return (address) => {
    let first = rules.length;
    for (const [length, map] of lengths[address.family]) {
      const index = map.get(maskAddress(address, length).key);
      if (index !== undefined && index < first) first = index;
    }
    for (const index of special) {
      if (index >= first) break;
      const rule = rules[index];
      if (rule?.guards.every((guard) => holds(guard, address)) && holds(rule.network, address)) return rule;
    }
    return rules[first];
  };
}
