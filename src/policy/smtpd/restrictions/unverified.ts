import { atLeast } from '../../postfix/version.ts';
import type { Verified } from '../dialogue/conversation.ts';
import { rejected } from '../lists/actions.ts';
import type { Restriction } from '../lists/restriction.ts';
import { type Check, DUNNO } from '../lists/run.ts';
import type { Site } from '../lists/scope.ts';
import { onTemporaryError } from '../lists/tempfail-action.ts';
import type { Question } from '../questions/facts.ts';
import { addressOf, addressScope } from './addresses.ts';

/** What verify(8) says while its first probe of an address is under way. */
const inProgress = 'Address verification in progress';

/** Longest reason that a reply shows of an address that may yet be good. */
const longestReason = 250;

const outcomes: readonly Verified[] = (['deliverable', 'undeliverable', 'deferred', 'failed'] as const).map(
  (status) => ({ status, reason: 'unknown' }),
);

/** Nobody is asked about no address. */
const unasked: Verified = { status: 'deliverable', reason: '' };

function compile(site: Site, party: 'sender' | 'recipient'): Check {
  const { config } = site;
  // Up to 2.9 an address that is not known to be good was always answered with 450.
  const unknownCode = atLeast(config.version, '2.10') ? config.integer(`unverified_${party}_defer_code`) : 450;
  const badCode = config.integer(`unverified_${party}_reject_code`);
  const fixedReason = config.get(`unverified_${party}_reject_reason`);
  const temporary = onTemporaryError(site, `unverified_${party}_tempfail_action`);
  const scope = addressScope(site.scope, party);
  const dsn = party === 'sender' ? '4.1.7' : '4.1.1';
  const question: Question<Verified> = site.questions.once<Verified>({
    subject: party,
    text: `verification of the ${party}`,
    literal(session, trail) {
      const address = addressOf(session, party)?.text;
      if (address === undefined) return unasked;
      const given = session.conversation.verify?.[address.toLowerCase()];
      return given ?? trail.suppose(`verify ${address}`, outcomes);
    },
    say: ({ status, reason }) => (reason === '' ? status : `${status}: ${reason}`),
  });
  return (run) => {
    const { status, reason: given } = run.ask(question);
    if (status === 'failed') return temporary(run, 450, dsn, rejected(run, scope, 'address verification problem'));
    if (status === 'deliverable') return DUNNO;
    const code = status === 'undeliverable' ? badCode : unknownCode;
    const own = status === 'pending' && given === '' ? inProgress : given;
    const reason = fixedReason !== '' && code >= 400 ? fixedReason : own;
    const family = Math.floor(code / 100);
    if (family === 2 || code === 0) return DUNNO;
    if (family !== 4) {
      return run.reject('policy', code, dsn, rejected(run, scope, `undeliverable address: ${reason}`));
    }
    const text = `unverified address: ${reason.slice(0, longestReason)}`;
    return temporary(run, code, dsn, rejected(run, scope, text));
  };
}

/** Restrictions that probe an address by the first steps of a delivery (ADDRESS_VERIFICATION_README). */
export const unverified: readonly Restriction[] = (['sender', 'recipient'] as const).map((party) => ({
  name: `reject_unverified_${party}`,
  since: '2.9',
  doc: `Refuse a ${party} that its own server refuses.`,
  consults: ['verify'],
  compile: (site) => compile(site, party),
}));
