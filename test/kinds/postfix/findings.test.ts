import { describe, expect, it } from 'vitest';
import { fixtures, partNames } from '../../diagnose/fixture.ts';
import { realReplies } from '../../diagnose/real-replies.ts';
import { recordReplies } from '../../diagnose/record-replies.ts';
import { needs } from '../../needs.ts';
import { playedNeeds } from '../differential/enclosure.ts';

/** Another system's Postfix, entered with chroot; and whether its answers are written down instead of compared. */
const root = process.env.CERTRELAY_POSTFIX_ROOT ?? '';
const records = process.env.CERTRELAY_RECORD === '1';

/** Ids of the findings to play; `all`; or, not set, a few that stand for the kinds of repair. */
const wanted = process.env.CERTRELAY_FINDINGS;
const few = ['relay-list-default', 'ask-ccert-missing', 'digest-key-length'];
const ids = wanted === undefined ? (records ? undefined : few) : wanted === 'all' ? undefined : wanted.split(',');

const played = fixtures()
  .filter(({ id }) => ids?.includes(id) ?? true)
  .flatMap(({ id, file, session, parts }) =>
    session === undefined
      ? []
      : partNames
          .filter((name) => ids !== few || name !== 'fine')
          .map((name) => ({ name: `${id}: ${name}`, file, partName: name, part: parts[name], client: session })),
  );

describe.skipIf(needs(...playedNeeds))('what the fixtures of findings say of real Postfix', () => {
  it('is what it answers before and after the repair', { timeout: 240_000 }, async () => {
    const { version, answers } = await realReplies({
      root,
      parts: played.map(({ name, part, client }) => ({ name, part, client })),
    });
    expect(answers.size).toBe(played.length);
    if (records) {
      for (const { name, file, partName } of played) recordReplies(file, partName, version, answers.get(name) ?? []);
      return;
    }
    const recorded = played.filter(({ part }) => part.replies[version] !== undefined);
    // A release that nobody recorded is no reason to be content.
    if (recorded.length === 0)
      throw new Error(`no answers of Postfix ${version} are recorded; CERTRELAY_RECORD=1 writes them`);
    for (const { name, part } of recorded) expect(answers.get(name)?.join('\n'), name).toBe(part.replies[version]);
  });
});
