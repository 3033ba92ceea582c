import { formatIpv4, formatIpv6 } from '../../../lib/ip.ts';
import type { Region } from '../region.ts';
import { type Block, blockOf } from './block.ts';

/** As many networks or names are written out before the rest is only counted. */
export const shownAtMost = 4;

/** A list for people: the first few, and how many more there are. */
export function someOf(words: readonly string[], shown = shownAtMost): string {
  if (words.length <= shown + 1) return words.join(', ');
  return `${words.slice(0, shown).join(', ')} and ${words.length - shown} more`;
}

/** The addresses of a region as networks in CIDR notation; `blockAt` tells the addresses of an atom. */
export function networksIn(region: Region, blockAt: (atom: number) => Block, atMost: number): readonly string[] {
  const networks: string[] = [];
  let last: Block | undefined;
  const flush = (): void => {
    if (last !== undefined) networks.push(...networksOf(last));
  };
  for (let i = 0; i < region.length && networks.length < atMost; i += 2) {
    for (let atom = region[i] ?? 0; atom < (region[i + 1] ?? 0); atom++) {
      const block = blockAt(atom);
      const joined = last === undefined ? undefined : join(last, block);
      if (joined === undefined) flush();
      last = joined ?? block;
    }
  }
  flush();
  return networks;
}

function join(a: Block, b: Block): Block | undefined {
  if (a.family === 4 && b.family === 4 && a.end === b.start) return { ...a, end: b.end };
  if (a.family === 6 && b.family === 6 && a.end === b.start) return { ...a, end: b.end };
  return undefined;
}

/** The fewest networks that make up a block. */
function networksOf(block: Block): string[] {
  return block.family === 4 ? networksOf4(block.start, block.end) : networksOf6(block.start, block.end);
}

function networksOf4(from: number, end: number): string[] {
  const networks: string[] = [];
  for (let start = from; start < end; ) {
    let length = 32;
    while (length > 0) {
      const size = 2 ** (33 - length);
      if (start % size !== 0 || start + size > end) break;
      length--;
    }
    networks.push(length === 32 ? formatIpv4(start) : `${formatIpv4(start)}/${length}`);
    start += 2 ** (32 - length);
  }
  return networks;
}

function networksOf6(from: string, end: string): string[] {
  const networks: string[] = [];
  for (let start = from; start < end && networks.length < 200; ) {
    let length = 128;
    let next = behind(start, length);
    while (length > 0) {
      const wider = blockOf({ family: 6, key: start, text: '' }, length - 1);
      if (wider.family !== 6 || wider.start !== start || wider.end > end) break;
      next = wider.end;
      length--;
    }
    networks.push(length === 128 ? formatIpv6(start) : `${formatIpv6(start)}/${length}`);
    start = next;
  }
  return networks;
}

function behind(start: string, length: number): string {
  const block = blockOf({ family: 6, key: start, text: '' }, length);
  return block.family === 6 ? block.end : '';
}
