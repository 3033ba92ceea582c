import { isPlaceholder } from '../../../lib/placeholder-fingerprint.ts';
import { TableFailure } from '../../postfix/config.ts';
import { tableCuts } from '../../postfix/cut.ts';
import { atLeast } from '../../postfix/version.ts';
import { Maps } from '../address/maps.ts';
import type { Restriction } from '../lists/restriction.ts';
import { type Check, DUNNO, OK } from '../lists/run.ts';
import type { Site } from '../lists/scope.ts';
import { fingerprintDigest } from '../questions/digest-names.ts';
import type { Question } from '../questions/facts.ts';
import {
  type FingerprintKind,
  fingerprintKeyOf,
  fingerprintOf,
  missingFingerprint,
  presented,
  publicKeyIsBare,
} from './fingerprints.ts';

type Listed = boolean | TableFailure;

/** Whether relay_clientcerts lists a fingerprint; what it lists it with does not matter (TLS_README). */
function listed(site: Site, kind: FingerprintKind): Question<Listed> {
  const maps = new Maps(site.config, 'relay_clientcerts');
  const digest = fingerprintDigest(site.config);
  const bare = kind === 'public key' && publicKeyIsBare(site.config);
  return site.questions.once<Listed>({
    subject: kind,
    text: `relay_clientcerts[${kind} fingerprint]`,
    literal(session, trail) {
      const certificate = session.tls?.certificate;
      if (certificate === undefined || maps.empty) return false;
      const key = bare ? undefined : fingerprintKeyOf(certificate, kind, digest);
      if (key === undefined) return trail.suppose(missingFingerprint(kind, digest), [false, true]);
      return maps.has(key, trail);
    },
    cuts: () => tableCuts(maps.tables),
    say(answer, session) {
      const certificate = session.tls?.certificate;
      const fingerprint = certificate === undefined ? undefined : fingerprintOf(certificate, kind, digest);
      if (maps.empty) return 'relay_clientcerts is empty';
      if (answer instanceof TableFailure) return `relay_clientcerts cannot be read: ${answer.log.join('; ')}`;
      const looked =
        fingerprint === undefined
          ? `${kind} fingerprint (${digest}) not given`
          : isPlaceholder(fingerprint)
            ? `looked for the ${kind} fingerprint, which is not known`
            : `looked for ${kind} fingerprint ${fingerprint} (${digest})`;
      return answer ? `in relay_clientcerts: ${looked}` : `not in relay_clientcerts: ${looked}`;
    },
  });
}

function compile(site: Site, all: boolean): Check {
  const { config } = site;
  const certificate = presented(site.questions);
  const kinds: readonly FingerprintKind[] = atLeast(config.version, '3.9')
    ? ['public key', 'certificate']
    : ['certificate', 'public key'];
  const [first, second] = kinds.map((kind) => listed(site, kind));
  const tables = config.tables('relay_clientcerts');
  const warns = atLeast(config.version, '3.5') && !config.boolean('smtpd_tls_ask_ccert');
  const warning = `${site.written} is requested, but "smtpd_tls_ask_ccert = no"`;
  return (run) => {
    const shown = run.ask(certificate);
    if (shown === 'no TLS') return DUNNO;
    if (shown === 'none') {
      if (warns) run.warn(warning);
      return DUNNO;
    }
    if (all && shown === 'trusted') return OK;
    if (run.supposesFailure(tables)) return run.lookupFailure(site.scope.name(run.session));
    let answer: Listed = first === undefined ? false : run.ask(first);
    if (answer === false && second !== undefined) answer = run.ask(second);
    if (answer === true) return OK;
    if (answer === false) return DUNNO;
    return answer.kind === 'retry' ? run.lookupFailure(site.scope.name(run.session)) : run.configFailure();
  };
}

/** Relay permission by TLS client certificate. */
export const clientCertificates: readonly Restriction[] = [
  {
    name: 'permit_tls_clientcerts',
    since: '2.9',
    doc: 'Permit a client whose certificate or public key fingerprint is in relay_clientcerts.',
    compile: (site) => compile(site, false),
  },
  {
    name: 'permit_tls_all_clientcerts',
    since: '2.9',
    doc: "Permit a client whose certificate verifies against the server's CAs, or is in relay_clientcerts.",
    compile: (site) => compile(site, true),
  },
];
