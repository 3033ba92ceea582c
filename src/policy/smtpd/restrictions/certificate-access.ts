import { tableCuts } from '../../postfix/cut.ts';
import { atLeast } from '../../postfix/version.ts';
import { type AccessAnswer, AccessLookup } from '../lists/access-lookup.ts';
import type { Restriction } from '../lists/restriction.ts';
import { type Check, DUNNO } from '../lists/run.ts';
import { named, type Site } from '../lists/scope.ts';
import { fingerprintDigest } from '../questions/digest-names.ts';
import { applyAccess } from './apply-access.ts';
import { type FingerprintKind, fingerprintOf, missingFingerprint, presented, publicKeyIsBare } from './fingerprints.ts';
import { certificateTable, searchWords } from './search-order.ts';

function lookup(site: Site, access: AccessLookup, kind: FingerprintKind) {
  const digest = fingerprintDigest(site.config);
  const bare = kind === 'public key' && publicKeyIsBare(site.config);
  return site.questions.once<AccessAnswer>({
    subject: kind,
    text: `${access.table.spec}[${kind} fingerprint]`,
    literal(session, trail) {
      const certificate = session.tls?.certificate;
      if (certificate === undefined) return undefined;
      const fingerprint = bare ? undefined : fingerprintOf(certificate, kind, digest);
      if (fingerprint === undefined) return access.unknownKey(missingFingerprint(kind, digest), trail);
      return access.exact(fingerprint, `${kind} fingerprint`, trail);
    },
    cuts: () => tableCuts([access.table]),
    outcomes: () => access.outcomes(),
    say: (answer) => (answer === undefined ? 'not found' : String(answer)),
  });
}

function compile(site: Site): Check {
  const { config, argument = '' } = site;
  const parsed = certificateTable(argument, config.version);
  const scope = named(site.scope, 'Client certificate', (session) => session.tls?.certificate?.subject ?? '');
  if (parsed === undefined) {
    // The argument is judged before the session is looked at.
    return (run) => {
      run.warn(`See earlier parsing error messages for '${argument}`);
      return run.configFailure();
    };
  }
  const access = new AccessLookup(config.table(parsed.table), site.questions);
  const steps = parsed.order.map((word): Check => {
    const kind = searchWords.get(word);
    if (kind === undefined) {
      return (run) => {
        run.warn(`check_ccert_access: unexpected action '${word}' in '${argument}'`);
        return run.configFailure();
      };
    }
    return applyAccess(site, lookup(site, access, kind), scope, access.table.spec);
  });
  return whenPresented(site, (run) => {
    for (const step of steps) {
      const status = step(run);
      if (status !== DUNNO) return status;
    }
    return DUNNO;
  });
}

/** Without a certificate nothing is looked up; the server says so when it never asked for one. */
function whenPresented(site: Site, check: Check): Check {
  const certificate = presented(site.questions);
  const warns = atLeast(site.config.version, '3.5') && !site.config.boolean('smtpd_tls_ask_ccert');
  return (run) => {
    const shown = run.ask(certificate);
    if (shown !== 'no TLS' && shown !== 'none') return check(run);
    if (warns) run.warn(`${site.written} is requested, but "smtpd_tls_ask_ccert = no"`);
    return DUNNO;
  };
}

export const certificateAccess: readonly Restriction[] = [
  {
    name: 'check_ccert_access',
    since: '2.9',
    takes: 'table',
    doc: 'Look the fingerprints of the client certificate up in an access(5) table.',
    compile,
  },
];
