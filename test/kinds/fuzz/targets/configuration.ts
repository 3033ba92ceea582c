import { readFileSync } from 'node:fs';
import { plainText } from '../../../../src/lib/files/read.ts';
import { compile, configure, conversation, simulate } from '../../../../src/policy/policy.ts';
import { readMainCf } from '../../../../src/policy/postfix/main-cf.ts';
import { readMasterCf } from '../../../../src/policy/postfix/master-cf.ts';
import { parseVersion } from '../../../../src/policy/postfix/version.ts';
import { readScripts } from '../../scripts/play.ts';
import { checkProblem, refusing } from '../clear.ts';
import { someVersion, type Target, textOf, texts } from '../target.ts';

export const client = { address: '192.0.2.1', name: 'client.example.com' };

/** A stranger who tries to relay, and somebody who writes to a user here. */
export const session = {
  client,
  helo: 'client.example.com',
  tls: { protocol: 'TLSv1.3', certificate: { trusted: false, subject: 'x', fingerprint: { sha256: 'AA:BB' } } },
  mailFrom: 'a@client.example.com',
  rcptTo: ['b@far.example', 'c@localhost', 'd+e@example.com'],
  data: true,
};

/** Reads a configuration, starts a server with it, and plays a session. */
export async function judged(sources: Parameters<typeof configure>[0]): Promise<void> {
  await refusing(() => {
    const verdict = simulate(compile(configure(sources)), conversation(session, {}));
    if (verdict.verdict === 'fatal' && (verdict.fatal ?? '') === '') throw new Error('the server dies without a word');
    if (verdict.verdict === 'unknown' && verdict.missing.length === 0)
      throw new Error('nothing is missing, and unknown');
  });
}

function transcripts(tests: string): readonly string[] {
  const sessions = readScripts(`${tests}/kinds/scripts`).flatMap(([, each]) => each);
  return [...new Set(sessions.map(({ mainCf }) => mainCf))];
}

function version(text: string) {
  const read = parseVersion(text);
  if ('code' in read) throw new Error(read.message);
  return read;
}

export const mainCf: Target = {
  name: 'main.cf',
  samples: (tests) => texts(...transcripts(tests)),
  async run(input, random) {
    const text = plainText(textOf(input));
    const release = someVersion(random);
    const read = readMainCf(text, 'main.cf', version(release));
    for (const problem of [...read.warnings, ...(read.fatal === undefined ? [] : [read.fatal])])
      if (problem.where?.file !== 'main.cf') throw new Error(`no place: ${problem.message.slice(0, 200)}`);
    await judged({ version: release, mainCf: text });
  },
};

export const postconf: Target = {
  name: 'postconf -n',
  samples: (tests) => ['server', 'client'].map((name) => readFileSync(`${tests}/fixtures/seed/${name}.postconf`)),
  async run(input, random) {
    await judged({ version: someVersion(random), mainCf: plainText(textOf(input)) });
  },
};

export const masterCf: Target = {
  name: 'master.cf',
  samples: () =>
    texts(
      'smtp      inet  n       -       y       -       -       smtpd\n#smtp inet n - y - 1 postscreen\npickup unix n - y 60 1 pickup\n',
      'submission inet n - y - - smtpd\n  -o syslog_name=postfix/submission\n  -o smtpd_tls_security_level=encrypt\n  -o smtpd_client_restrictions=$mua_client_restrictions\n',
      '[::1]:465 inet n - n - - smtpd\n  -o { smtpd_relay_restrictions = permit_mynetworks, reject }\n  -o {smtpd_tls_wrappermode=yes} -v -D\n',
      '127.0.0.1:smtp inet n - n - - smtpd -o smtpd_recipient_restrictions=$foo -o foo=reject\n  -ofoo=permit,reject\n',
    ),
  async run(input, random) {
    const text = plainText(textOf(input));
    const release = someVersion(random);
    const read = readMasterCf(text, 'master.cf', version(release));
    if (read.fatal !== undefined) checkProblem({ ...read.fatal, message: 'as Postfix says it' }, 'master.cf');
    const service = read.services[random.below(read.services.length + 1)]?.name;
    await judged({
      version: release,
      mainCf: 'mydestination = localhost\nlocal_recipient_maps =\n',
      masterCf: text,
      ...(service === undefined ? {} : { service }),
    });
  },
};

/** Lists, classes and the right-hand sides of access tables: `name = value` lines, and a table. */
export const restrictionLists: Target = {
  name: 'restriction lists',
  samples: () =>
    texts(
      'permit_mynetworks, permit_tls_clientcerts, reject_unauth_destination',
      'warn_if_reject check_client_access hash:/t, one, defer_if_permit, defer_if_reject, reject',
      'check_ccert_access { hash:/t, search_order = pubkey_fingerprint, cert_fingerprint }, sleep 1, permit',
      'check_policy_service { inet:127.0.0.1:10023, timeout = 10s, { default_action = DEFER x } }, reject',
      'reject_rbl_client rbl.example=127.0.0.[1;3..9;11], permit_dnswl_client wl.example=127.[0..1].0.2, two, reject',
      'check_sender_mx_access cidr:/t, reject_rhsbl_sender x.example, check_recipient_a_access hash:/t, reject_unverified_sender, permit',
      '450 4.7.1 later, DEFER_IF_PERMIT x',
    ),
  async run(input, random) {
    const text = textOf(input).replaceAll(/[\n\r\0]/g, ' ');
    const release = someVersion(random);
    await judged({
      version: release,
      mainCf: {
        mydestination: 'localhost',
        local_recipient_maps: '',
        compatibility_level: '2',
        smtpd_restriction_classes: 'one two',
        one: random.chance(50) ? text : 'two',
        two: random.chance(50) ? 'check_sender_access hash:/t' : 'one',
        smtpd_client_restrictions: random.chance(30) ? text : '',
        smtpd_recipient_restrictions: `${text} one, reject_unauth_destination`,
        smtpd_data_restrictions: random.chance(30) ? text : '',
      },
      tables: { '/t': `client.example.com ${text}\na@client.example.com ${text}\n192.0.2.0/24 ${text}\n` },
    });
  },
};
