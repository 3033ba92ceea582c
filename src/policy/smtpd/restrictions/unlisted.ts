import type { Restriction } from '../lists/restriction.ts';
import { UnlistedCheck } from '../lists/unlisted.ts';

function row(party: 'sender' | 'recipient', aliases?: readonly string[]): Restriction {
  return {
    name: `reject_unlisted_${party}`,
    ...(aliases === undefined ? {} : { aliases }),
    since: '2.9',
    doc: `Refuse a ${party} in this server's domains that does not exist.`,
    compile(site) {
      // no_unknown_recipient_checks turns these off even where they are written out.
      if (site.config.get('receive_override_options').includes('no_unknown_recipient_checks')) return () => 0;
      const check = new UnlistedCheck(site.questions, party);
      return (run) => check.check(run);
    },
  };
}

/** Refusals of addresses that nobody has. */
export const unlisted: readonly Restriction[] = [row('sender'), row('recipient', ['check_recipient_maps'])];
