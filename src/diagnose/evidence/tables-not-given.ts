import type { Problem } from '../../lib/problem.ts';
import type { PostfixConfig } from '../../policy/postfix/config.ts';

/** Tables that were used and not given; those of aliases do not decide who can relay. */
export function tablesNotGiven(config: PostfixConfig): readonly Problem[] {
  const aliases = `${config.get('alias_maps')} ${config.get('alias_database')}`;
  const missing = (config.openTables?.() ?? []).filter(({ notGiven }) => notGiven).map(({ spec }) => spec);
  return [...new Set(missing)]
    .filter((spec) => !aliases.includes(spec))
    .map((spec) => ({
      code: 'table-not-given',
      message: `the source of ${spec} was not given: each answer that it may have was tried`,
      hint: `give it with --table ${spec.slice(spec.lastIndexOf(':') + 1)}=FILE, or lay it beside main.cf`,
    }));
}
