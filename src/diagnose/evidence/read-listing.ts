import type { Problem } from '../../lib/problem.ts';

/** A configuration's text as far as it can be used, and what is wrong with it. */
export interface Listing {
  readonly text: string;
  readonly problems: readonly Problem[];
}

/** No main.cf sets as many parameters; every release has more. */
const everySetting = 400;

/** What main.cf as installed sets early in the order of names, and late: whoever has the one has the other. */
const stock: readonly { readonly early: readonly string[]; readonly late: string }[] = [
  { early: ['mail_owner', 'daemon_directory', 'command_directory'], late: 'setgid_group' },
  { early: ['append_dot_mydomain', 'biff'], late: 'smtpd_banner' },
];

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
  if (names.length > everySetting) return { text, problems: [everything(file)] };
  if (!isSorted) return { text, problems: [] };
  const early = endsEarly(names, file, lines.length);
  return { text, problems: early.length > 0 || text.endsWith('\n') ? early : [unended(last, file, lines.length)] };
}

function endsEarly(names: readonly string[], file: string, line: number): readonly Problem[] {
  const missing = stock.some(({ early, late }) => early.some((name) => names.includes(name)) && !names.includes(late));
  if (!missing) return [];
  const message = `${file} seems to be cut off after "${names.at(-1) ?? ''}": nothing that sorts after it is there, and defaults are taken for it`;
  const hint = 'give the whole output of "postconf -n"';
  return [{ code: 'listing-ends-early', message, hint, where: { file, line, column: 1 } }];
}

/** postconf(1) ends each line. */
function unended(last: string, file: string, line: number): Problem {
  const message = `the last line of ${file} has no line end and may be cut off: "${last}"`;
  return { code: 'listing-unended', message, where: { file, line, column: 1 } };
}

function everything(file: string): Problem {
  const message = `${file} is the output of "postconf": every default in it reads as if somebody had set it`;
  return { code: 'listing-of-everything', message, hint: 'give the output of "postconf -n"' };
}
