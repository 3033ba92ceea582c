import { postmapSource } from '../../policy/postfix/tables/postmap-source.ts';
import type { Version } from '../../policy/postfix/version.ts';
import type { PostfixPrograms } from '../programs/postfix-programs.ts';

/**
 * Asks a lookup table for every key of its source, and compares the answers: undefined when all are right, else what is
 * wrong. Anything that Postfix complains about counts as wrong.
 */
export function wrongAnswer(
  programs: PostfixPrograms,
  spec: string,
  source: Buffer,
  version: Version,
): string | undefined {
  const wanted = new Map<string, string>();
  postmapSource(
    source.toString('utf8'),
    spec,
    version,
    (key, value) => wanted.set(key, value),
    () => {},
  );
  const asked = programs.postmap(['-q', '-', spec], [...wanted.keys(), ''].join('\n'));
  if (asked.stderr.trim() !== '') return asked.stderr.trim();
  const answers = new Map(
    asked.stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => [line.slice(0, line.indexOf('\t')), line.slice(line.indexOf('\t') + 1)] as const),
  );
  for (const [key, value] of wanted) {
    const answer = answers.get(key);
    if (answer !== value) return `"${key}" gives ${answer === undefined ? 'nothing' : `"${answer}"`}, not "${value}"`;
  }
  return undefined;
}
