import { compare } from '../../policy/explore/compare.ts';
import type { Bench } from '../../policy/identities/judge.ts';
import { sessionOf } from '../../policy/identities/sessions.ts';
import type { Identity } from './expectations.ts';
import { allBut } from './others.ts';
import type { Row } from './verify.ts';
import { witnessOf } from './way-witness.ts';

/** As many paths through both servers are followed. */
const mostPaths = 20_000;

/** The source of a map with nothing in it but the lines of these fingerprints. */
export function onlyLines(source: string, lines: ReadonlySet<string>): string {
  // As a rule a few of ten thousand are wanted, and then the others need not be taken apart.
  const wanted = lines.size > few ? '[0-9A-Fa-f:]{47,}' : [...lines].join('|');
  if (wanted === '') return '';
  const kept = [...source.matchAll(new RegExp(`^(${wanted}) .*$`, 'gim'))].filter(([, key = '']) =>
    lines.has(key.toUpperCase()),
  );
  return kept.map(([line]) => `${line}\n`).join('');
}

/** So many are looked for each by itself. */
const few = 50;

/**
 * Follows every path through a server before and after a step, for all but those whom the step is about: none may end
 * otherwise. Where only lines of the map differ, maps of these lines alone say as much: a certificate is looked up by
 * its whole fingerprint, so that every other line answers the same before and after.
 */
export function stepChange(
  own: readonly Identity[],
  foreignAddress: string,
  before: Bench,
  after: Bench,
): { readonly row?: Row; readonly assumption?: string } {
  if (before.config.fatal !== undefined || after.config.fatal !== undefined) return {};
  const digests = [before, after].map(({ config }) => config.get('smtpd_tls_fingerprint_digest'));
  const within = allBut(own, [...new Set(digests)]);
  const comparison = compare(before.config, after.config, {
    ...{ recipients: 'remote', limit: mostPaths, within, silent: false },
  });
  if (comparison.limited) {
    return { assumption: `that beyond the first ${mostPaths} ways through the lists the step changes nothing` };
  }
  const wrong = comparison.changes.find(({ kind }) => kind !== 'reply changed');
  const stranger = sessionOf({ address: foreignAddress, name: 'unknown' });
  const witness =
    wrong === undefined
      ? { who: 'anyone', session: stranger, judgement: after.judge(stranger) }
      : witnessOf(wrong.example, 1, after);
  return {
    row: {
      ...{ id: 'step', doc: 'the step changes nothing for others, on every path', wanted: 'as-before' },
      outcome: wrong === undefined ? 'met' : 'broken',
      sessions: comparison.paths,
      witness,
      base: wrong === undefined ? before.judge(stranger) : witnessOf(wrong.example, 0, before).judgement,
    },
  };
}
