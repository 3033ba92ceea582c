import { count, difference, holds, type Region, whole } from '../region.ts';
import { shownAtMost, someOf } from './blocks-in.ts';
import type { NameTree } from './name-tree.ts';

/** A line of mail addresses as its words are made: blocks of local parts, one for each domain. */
interface AddressBlocks {
  readonly size: number;
  readonly tree: NameTree;
  readonly blockCount: number;
  value(atom: number): string;
  open(region: Region): boolean;
  partOf(region: Region, block: number): { readonly all: boolean; readonly words: readonly string[] } | undefined;
  interval(from: number, to: number): readonly [number, number];
  domainOf(block: number): string;
}

/** Addresses of a region in words, by domain: `example.org and what is below it`, `joe@example.org`, `the null sender`. */
function addressesIn(line: AddressBlocks, region: Region): readonly string[] {
  const words: string[] = [];
  const { tree } = line;
  for (let block = 0; block < line.blockCount; ) {
    const part = line.partOf(region, block);
    if (part === undefined) {
      block++;
      continue;
    }
    const node = tree.nodeOf(block);
    const end = node?.exact === true ? (tree.spanOf(node.name)?.end ?? block + 1) : block + 1;
    const [lo, hi] = line.interval(block, end);
    if (end > block + 1 && count(difference([lo, hi], region)) === 0) {
      words.push(`${node?.name ?? ''} and what is below it`);
      block = end;
      continue;
    }
    const name = domainWords(line, block);
    if (part.all) words.push(name);
    else
      words.push(
        ...part.words.map((local) =>
          local === 'any other' ? `any other address at ${name}` : `${local}@${line.domainOf(block)}`,
        ),
      );
    block++;
    if (words.length > 50 * shownAtMost) break;
  }
  if (holds(region, line.size - 1) && line.value(line.size - 1) === '') words.push('the null sender');
  return words;
}

function domainWords(line: AddressBlocks, block: number): string {
  const { tree } = line;
  if (block === 0) return 'any other domain of one label';
  if (block === 1) return 'any other domain';
  if (block === tree.size) return 'an address without a domain';
  if (block > tree.size) return line.domainOf(block);
  const node = tree.nodeOf(block);
  return node === undefined ? '' : node.exact ? node.name : `below ${node.name}`;
}

/** A region of addresses in words; where any other domain is in it, by what is not. */
export function mailboxWords(line: AddressBlocks, region: Region): string {
  const rest = difference(whole(line.size), region);
  if (rest.length === 0) return 'any address';
  return line.open(region) ? `any address but ${someOf(addressesIn(line, rest))}` : someOf(addressesIn(line, region));
}
