import { difference, holds, type Region, whole } from '../region.ts';
import { someOf } from './blocks-in.ts';
import type { NameTree } from './name-tree.ts';

/** Names of a region in words: `example.org`, `below example.org`, `example.org and below`. */
export function namesIn(tree: NameTree, region: Region): readonly string[] {
  const words: string[] = [];
  for (let i = 0; i < region.length; i += 2) {
    for (let atom = region[i] ?? 0; atom < (region[i + 1] ?? 0); ) {
      const node = tree.nodeOf(atom);
      if (node === undefined) {
        words.push(atom === 0 ? 'any other name of one label' : 'any other name');
        atom++;
        continue;
      }
      const span = tree.spanOf(node.name);
      const end = span?.end ?? atom + 1;
      if (node.exact && end <= (region[i + 1] ?? 0)) {
        words.push(`${node.name} and what is below it`);
        atom = end;
      } else {
        words.push(node.exact ? node.name : `below ${node.name}`);
        atom++;
      }
    }
  }
  return words;
}

/** A region of names in words; where unnamed names are in it, by what is not. */
export function nameWords(tree: NameTree, region: Region): string {
  const rest = difference(whole(tree.size), region);
  if (rest.length === 0) return 'any name';
  if (!holds(region, 1)) return someOf(namesIn(tree, region));
  const named = namesIn(tree, rest).filter((word) => word !== 'any other name of one label');
  return named.length === 0 ? 'any name with a dot' : `any name but ${someOf(named)}`;
}
