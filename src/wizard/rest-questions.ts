import type { Options } from '../commands/command.ts';
import type { Settings } from '../inventory/types.ts';
import { splitNames } from './host-names.ts';
import { flagDefault } from './option-names.ts';
import type { Choice, InputQuestion, Known, Question, SelectQuestion } from './question.ts';

/** Put when the defaults are not wanted, or when the settings of an existing set-up are to change. */
const isWanted = (known: Known) => known.answers.defaults === 'no' || known.answers.purpose === 'settings';
/** The authority is made once; what concerns it is never asked again. */
const isWantedAnew = (known: Known) => known.existing === undefined && isWanted(known);

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
  return value === undefined ? undefined : `${label} ${value}`;
}

/** A line of text that may be left as it stands; a `list` is split into names. */
function text({ list = false, file = false, ...plain }: Plain & { list?: boolean; file?: boolean }): InputQuestion {
  const { key, explain } = plain;
  return {
    ...plain,
    kind: 'input',
    when: plain.when ?? isWanted,
    explain: () => explain,
    standing: (known) => standing(plain, known),
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
    explain: 'of certificates issued from now on',
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
    key: 'relayPort',
    label: 'port',
    message: "the server's port",
    explain:
      'on which the clients reach it: 25, 587 (submission) or 465 (TLS from the start; clients from Postfix 3.0)',
  }),
  choice({
    key: 'policy',
    label: 'permit in',
    usually: 'the relay list, where the version has one',
    message: 'restriction list',
    explain: 'that carries permit_tls_clientcerts on the server',
    choices: [
      ['usual', 'smtpd_relay_restrictions, or the recipient list where the version has no other'],
      ['relay', 'smtpd_relay_restrictions, from Postfix 2.10'],
      ['recipient', 'smtpd_recipient_restrictions; the relay list is then left empty'],
    ],
  }),
  choice({
    key: 'unauthorized',
    label: 'others are',
    usually: "turned away by the version's own action",
    message: 'what others get',
    explain: 'who want to relay and show no listed certificate',
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
    when: (known) => isWanted(known) && known.existing?.settings.permitSasl !== false,
    message: 'let SASL users relay as well',
    explain: () => 'keeps permit_sasl_authenticated in the list; without SASL on the server it does nothing',
    standing: () => 'SASL users relay as well',
    fallback: () => true,
    options: (yes) => (yes ? {} : { permitSasl: false }),
  },
  text({
    key: 'mynetworks',
    label: 'mynetworks',
    message: 'networks without certificate',
    explain: 'that relay by address alone (mynetworks); empty: as the server has it, never a whole subnet by default',
  }),
  choice({
    key: 'clientLevel',
    label: 'client level',
    message: 'how clients check the server',
    explain: 'before they hand it any mail; none of them falls back to plain text',
    choices: [
      ['secure', 'the certificate must name the host that was configured'],
      ['verify', 'the certificate must name the host that DNS led to'],
      ['encrypt', 'any certificate will do: no protection from an impostor'],
      ['fingerprint', "the server's certificate is listed by its fingerprint"],
    ],
  }),
  choice({
    key: 'pin',
    label: 'map of each',
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
    explain: 'what the server shows to its clients',
    choices: [
      ['internal', 'issued here, by the same authority'],
      ['keep', 'the one that it has, from a public authority for instance'],
    ],
  }),
  text({
    key: 'serverCa',
    label: 'issuer',
    message: "file with its issuer's certificate",
    explain: "PEM of the authority that the clients shall trust; empty: they list the server's key instead",
    when: (known) => isWanted(known) && known.options.serverCert === 'keep',
    file: true,
  }),
  text({
    key: 'days',
    label: 'days',
    message: 'days a certificate is valid',
    explain: 'of server and client certificates issued from now on; "certrelay rotate" replaces them in time',
  }),
  text({
    key: 'caDays',
    label: 'days of the authority',
    message: 'days the authority is valid',
    explain: 'no certificate outlives it',
    when: isWantedAnew,
  }),
  text({
    key: 'caName',
    label: 'authority',
    message: "the authority's name",
    explain: 'its common name, shown in logs and by openssl; empty: a name made from the first server',
    when: isWantedAnew,
  }),
  text({
    key: 'constrain',
    label: 'only for',
    message: 'only for these domains',
    explain: 'the authority may then issue for hosts below them only (name constraints); empty: no limit',
    when: isWantedAnew,
    list: true,
  }),
  text({
    key: 'tableType',
    label: 'tables',
    message: 'lookup table type',
    explain: 'of the maps: hash, btree, lmdb, cdb, texthash; $default_database_type is what each host has',
  }),
  text({
    key: 'baseMainCf',
    label: 'base',
    message: "file with the server's settings",
    explain: 'the output of "postconf -n" there, so that the result is proved over it; empty: the stock main.cf',
    file: true,
  }),
  text({
    key: 'installDir',
    label: 'folder on the hosts',
    message: 'folder on the hosts',
    explain: 'where certificates, keys and maps are installed',
  }),
];
