import { minorReleases } from '../../policy/postfix/version.ts';
import type { Verdict } from '../../policy/smtpd/lists/verdict.ts';
import type { Replay } from '../evidence/evidence.ts';
import { Player } from './player.ts';

/** Releases that come to the same, oldest and newest, and the reply that they come to. */
export interface ReleaseRange {
  readonly from: string;
  readonly to: string;
  readonly verdict: Verdict;
}

/**
 * What each release that is known would make of a session, neighbours that agree put together: where the release is a
 * guess, this tells what hangs on it. A release that cannot read the configuration at all is left out.
 */
export function acrossReleases({ service, conversation }: Replay, filesAreAll: boolean): readonly ReleaseRange[] {
  const ranges: { from: string; to: string; verdict: Verdict; key: string }[] = [];
  for (const version of minorReleases) {
    const verdict = verdictWith(version);
    if (verdict === undefined) continue;
    const key = JSON.stringify([
      verdict.verdict,
      verdict.fatal,
      verdict.replies.map(({ stage, reply }) => [stage, reply]),
      verdict.replies.map(({ decidedBy }) => decidedBy[0]?.list),
    ]);
    const last = ranges.at(-1);
    if (last?.key === key) last.to = version;
    else ranges.push({ from: version, to: version, verdict, key });
  }
  return ranges;

  function verdictWith(version: string): Verdict | undefined {
    try {
      return new Player({ ...service.sources, version }, filesAreAll).play(conversation).verdict;
    } catch {
      return undefined;
    }
  }
}
