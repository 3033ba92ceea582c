import type { Problem } from '../lib/problem.ts';

/** A configuration's text as far as it can be used, and what is wrong with it. */
export interface Listing {
  readonly text: string;
  readonly problems: readonly Problem[];
}

/** Names that sort late and that every installation sets: the package's own main.cf does. */
const lateNames = ['queue_directory', 'readme_directory', 'sample_directory', 'sendmail_path', 'setgid_group'];

/**
 * Looks whether the output of `postconf -n` came whole. It is sorted, so that where it was cut, all that sorts after
 * that place is missing; a line that was cut in its middle is taken out, since with it the server would not start.
 */
export function readListing(text: string, file: string): Listing {
  const lines = text.replace(/\n+$/, '').split('\n');
  const last = lines.at(-1) ?? '';
  const names = lines.flatMap((line) => /^([A-Za-z]\w*)\s*=/.exec(line)?.[1] ?? []);
  const isSorted = names.length > 3 && names.every((name, index) => index === 0 || (names[index - 1] ?? '') <= name);
  if (isSorted && /^[A-Za-z]\w*\s*$/.test(last)) {
    const where = { file, line: lines.length, column: 1 };
    const message = `${file} is cut off in line ${lines.length}, "${last}": what comes after it is not known, and defaults are taken for it`;
    const hint = 'give the whole output of "postconf -n"';
    return { text: `${lines.slice(0, -1).join('\n')}\n`, problems: [{ code: 'listing-cut', message, hint, where }] };
  }
  return { text, problems: isSorted ? endsEarly(names, file, lines.length) : [] };
}

function endsEarly(names: readonly string[], file: string, line: number): readonly Problem[] {
  const stock =
    names.includes('mail_owner') || names.includes('daemon_directory') || names.includes('command_directory');
  if (!stock || lateNames.some((name) => names.includes(name))) return [];
  const message = `${file} seems to be cut off after "${names.at(-1) ?? ''}": nothing that sorts after it is there, and defaults are taken for it`;
  const hint = 'give the whole output of "postconf -n"';
  return [{ code: 'listing-ends-early', message, hint, where: { file, line, column: 1 } }];
}
