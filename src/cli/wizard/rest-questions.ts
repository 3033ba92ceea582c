import type { Settings } from '../../provision/settings/types.ts';
import type { Options } from '../command.ts';
import { splitNames } from './host-names.ts';
import { flagDefault } from './option-names.ts';
import type { Choice, InputQuestion, Known, Question, SelectQuestion } from './question.ts';

/** The value of --dedicated-port where there is none. */
const none = 'off';

/** Put when the defaults are not wanted, or when the settings of an existing set-up are to change. */
const isWanted = (known: Known) => known.answers.defaults === 'no' || known.answers.purpose === 'settings';
/** The authority is made once; what concerns it is never asked again. */
const isWantedAnew = (known: Known) => known.existing === undefined && isWanted(known);

const isInDatabase = (known: Known) => (known.answers.tableType ?? present('tableType', known)) === 'pgsql';

/** What concerns the server's usual services has no effect where clients come to a dedicated one. */
function isWantedWithout(known: Known): boolean {
  return isWanted(known) && (known.options.dedicatedPort ?? present('dedicatedPort', known) ?? none) === none;
}

/** The value in force: what the inventory has, else the default of the flag. */
function present(key: string, known: Known): string | undefined {
  const value = known.existing?.settings[key as keyof Settings];
  return value === undefined ? flagDefault(key) : String(value);
}

interface Plain {
  readonly key: string;
  /** In the list of defaults. */
  readonly label: string;
  readonly message: string;
  readonly explain: string;
  readonly when?: (known: Known) => boolean;
  /** What holds where the flag has no fixed default. */
  readonly usually?: string;
}

/** On an existing set-up only what differs becomes an option, so that nothing is said to change that does not. */
const changed = (key: string, value: string | readonly string[], known: Known): Options =>
  known.existing !== undefined && String(value) === present(key, known) ? {} : { [key]: value };

function standing({ key, label, usually }: Plain, known: Known): string | undefined {
  const value = present(key, known) ?? usually;
  return value === undefined ? undefined : `${label.padEnd(20)} ${value}`;
}

interface TextKind {
  readonly list?: boolean;
  readonly file?: boolean;
  readonly closes?: boolean;
}

/** A line of text that may be left as it stands; a `list` is split into names. */
function text({ list = false, file = false, ...plain }: Plain & TextKind): InputQuestion {
  const { key, explain } = plain;
  return {
    ...plain,
    kind: 'input',
    when: plain.when ?? isWanted,
    explain: () => explain,
    standing: (known) => (file ? undefined : standing(plain, known)),
    // Files are kept by their content: the inventory knows no path to offer again.
    fallback: (known) => (file ? undefined : present(key, known)),
    ...(file ? { reads: (path: string) => (path.trim() === '' ? undefined : path.trim()) } : {}),
    options: (answer, known) => {
      const trimmed = answer.trim();
      return trimmed === '' ? {} : changed(key, list ? splitNames(trimmed) : trimmed, known);
    },
  };
}

/** One of a list; the value `usual` stands for no option at all. */
function choice({ choices, ...plain }: Plain & { choices: readonly (readonly [string, string])[] }): SelectQuestion {
  const { key, explain } = plain;
  const rows: readonly Choice[] = choices.map(([value, line]) => ({ value, name: value, explain: line }));
  return {
    ...plain,
    kind: 'select',
    when: plain.when ?? isWanted,
    explain: () => explain,
    standing: (known) => standing(plain, known),
    choices: (known) => rows.filter(({ value }) => value !== 'usual' || known.existing === undefined),
    fallback: (known) => present(key, known),
    options: (value, known) => (value === 'usual' ? {} : changed(key, value, known)),
  };
}

export const restQuestions: readonly Question[] = [
  choice({
    key: 'keyType',
    label: 'key type',
    message: 'key type',
    explain: 'the kind of key that each host gets, from now on',
    choices: [
      ['ec-p256', 'small and fast; every listed system can use it'],
      ['ec-p384', 'a longer curve, where a rule asks for one'],
      ['rsa-2048', 'for hosts whose TLS library lacks elliptic curves'],
      ['rsa-3072', 'as strong as ec-p256, and slower'],
      ['rsa-4096', 'slower still'],
      ['ed25519', 'needs Postfix 3.4 and OpenSSL 1.1.1 on both sides'],
    ],
  }),
  text({
    key: 'dedicatedPort',
    label: 'dedicated service',
    message: 'port of a dedicated service',
    explain:
      'a service of master.cf for the clients alone, on a port such as 2525, the only one that asks for a certificate; off: the usual services',
  }),
  text({
    key: 'relayPort',
    // With a dedicated service the port is known.
    when: isWantedWithout,
    label: 'port',
    message: "the server's port",
    explain: 'where the clients reach it: 25, 587 (submission) or 465 (TLS from the start; clients from Postfix 3.0)',
  }),
  choice({
    key: 'policy',
    label: 'restriction list',
    usually: 'relay, where the version has it',
    message: 'restriction list',
    explain: 'where permit_tls_clientcerts stands on the server; both lists run, and either can refuse',
    choices: [
      ['usual', 'relay, or recipient where the version has no other'],
      ['relay', 'smtpd_relay_restrictions, from Postfix 2.10'],
      ['recipient', 'smtpd_recipient_restrictions; the relay list is then left empty'],
    ],
  }),
  choice({
    key: 'unauthorized',
    label: 'what others get',
    usually: 'defer, where the version has it',
    message: 'what others get',
    explain: 'the reply to those who want to relay and show no listed certificate',
    choices: [
      ['usual', "the version's own: defer, or reject where it knows no other"],
      ['defer', 'a 4xx reply: their mail stays queued, and a mistake here loses none'],
      ['reject', 'a 5xx reply: their mail bounces at once'],
    ],
  }),
  {
    key: 'permitSasl',
    kind: 'confirm',
    // No flag brings it back, so it is only asked while it is there.
    when: (known) => isWantedWithout(known) && known.existing?.settings.permitSasl !== false,
    message: 'let SASL users relay as well',
    explain: () => 'keeps permit_sasl_authenticated in the list; without SASL on the server it does nothing',
    standing: () => `${'SASL users'.padEnd(20)} relay as well`,
    fallback: () => true,
    options: (yes) => (yes ? {} : { permitSasl: false }),
  },
  text({
    key: 'mynetworks',
    when: isWantedWithout,
    label: 'mynetworks',
    message: 'networks without certificate',
    explain: 'mynetworks: who relays by address alone; empty: as the server has it, never a whole subnet by default',
  }),
  choice({
    key: 'clientLevel',
    label: 'client level',
    message: 'how clients check the server',
    explain: 'what a client asks of the server before it hands over any mail; none of these falls back to plain text',
    choices: [
      ['secure', 'the certificate must name the host that was configured'],
      ['verify', 'the certificate must name the host that DNS led to'],
      ['encrypt', 'any certificate will do: no protection from an impostor'],
      ['fingerprint', "the server's certificate is listed by its fingerprint"],
    ],
  }),
  choice({
    key: 'pin',
    label: 'map lists',
    message: 'what the map lists',
    explain: 'a public key stays the same when a certificate is renewed with its key',
    choices: [
      ['certificate', 'the fingerprint of the certificate'],
      ['public-key', 'the fingerprint of the public key'],
      ['both', 'two lines a client'],
    ],
  }),
  choice({
    key: 'serverCert',
    label: 'server certificate',
    message: "the server's certificate",
    explain: 'which certificate the server shows to its clients',
    choices: [
      ['internal', 'issued here, by the same authority'],
      ['keep', 'the one that it has, from a public authority for instance'],
    ],
  }),
  text({
    key: 'serverCa',
    label: 'issuer',
    message: "file with its issuer's certificate",
    explain: 'PEM of the authority that the clients trust for it',
    // A certificate that is kept is of no use to clients that cannot check it, whatever the defaults are.
    when: (known) =>
      known.options.serverCert === 'keep' || (isWanted(known) && known.existing?.settings.serverCert === 'keep'),
    file: true,
    closes: true,
  }),
  text({
    key: 'days',
    label: 'certificate days',
    message: 'days a certificate is valid',
    explain: 'lifetime of server and client certificates issued from now on',
  }),
  text({
    key: 'caDays',
    label: 'authority days',
    message: 'days the authority is valid',
    explain: 'lifetime of the certificate that signs the others; none of them outlives it',
    when: isWantedAnew,
  }),
  text({
    key: 'caName',
    label: 'authority',
    message: "the authority's name",
    explain: 'the common name of the issuer in every certificate; empty: named after the first server',
    when: isWantedAnew,
  }),
  text({
    key: 'constrain',
    label: 'only for',
    message: 'only for these domains',
    explain: 'name constraints: certificates of this authority hold below these domains only; empty: no limit',
    when: isWantedAnew,
    list: true,
  }),
  text({
    key: 'tableType',
    label: 'table type',
    message: 'lookup table type',
    explain: 'how the maps are stored: hash, btree, lmdb, cdb; $default_database_type is what each host has',
  }),
  text({
    key: 'database',
    label: 'database',
    message: 'database, as servers find it',
    explain: 'for the table type pgsql: postgresql://certrelay_reader@db.example.com/certrelay, without a password',
    when: (known) => isWanted(known) && isInDatabase(known),
    list: true,
  }),
  text({
    key: 'databaseCa',
    label: "database's issuer",
    message: 'file with its issuer',
    explain: 'the servers believe nobody else to be the database; empty for a database on the server itself',
    when: (known) => isWanted(known) && isInDatabase(known),
    file: true,
  }),
  text({
    key: 'baseMainCf',
    label: 'base',
    message: "file with the server's settings",
    explain: 'what "postconf -n" prints there, so that the result is proved over it; empty: a stock main.cf',
    file: true,
  }),
  text({
    key: 'installDir',
    label: 'folder on the hosts',
    message: 'folder on the hosts',
    explain: 'where certificates, keys and maps are installed on each host',
  }),
];
