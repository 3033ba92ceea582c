import { namesFile, splitNames } from './host-names.ts';
import { isPut, type Known, type Question } from './question.ts';
import { restQuestions } from './rest-questions.ts';
import { systemQuestion, versionQuestion } from './system-questions.ts';

const isNew = (known: Known) => known.existing === undefined;
const purposeIs = (purpose: string) => (known: Known) => isNew(known) || known.answers.purpose === purpose;

/** Settings that a flag on a second run may change; when one was given there is nothing left to ask. */
const additions = ['server', 'client', 'clientsFile'];

/**
 * Every question, in the order in which they are put: on a new set-up the few that have no sensible default, then the rest
 * when the defaults are not wanted; on an existing one, first what is to be added or changed.
 */
export const questions: readonly Question[] = [
  {
    key: 'purpose',
    settledBy: [
      ...additions,
      ...restQuestions.map((question) => question.key),
      'os',
      'postfix',
      'clientOs',
      'clientPostfix',
    ],
    kind: 'select',
    when: (known) => !isNew(known),
    message: 'what is to be done',
    explain: () => 'names are added, never removed; certificates that exist stay as they are',
    choices: () => [
      { value: 'client', name: 'add clients', explain: 'each gets a certificate and its line in the map' },
      { value: 'server', name: 'add servers', explain: 'each gets a certificate, the map and its own main.cf' },
      { value: 'settings', name: 'change settings', explain: 'each is asked with its present value' },
      { value: 'nothing', name: 'nothing new', explain: 'checks the set-up again and completes what is missing' },
    ],
    options: () => ({}),
  },
  {
    key: 'server',
    kind: 'input',
    when: purposeIs('server'),
    message: 'server host names',
    explain: () => 'the hosts that let the clients in and relay for them; several are separated by commas or blanks',
    refuse: (text) =>
      splitNames(text).length === 0 ? 'at least one server is needed, such as mail.example.com' : undefined,
    options: (text) => ({ server: splitNames(text) }),
  },
  {
    key: 'client',
    settledBy: ['client', 'clientsFile'],
    kind: 'input',
    when: purposeIs('client'),
    message: 'client host names',
    explain: () =>
      'the hosts that send their mail through the server; several are separated by commas or blanks, @FILE reads them from a file',
    refuse: (text) => {
      if (text.trim() === '@') return 'a file is needed after "@"';
      return splitNames(text).length === 0 ? 'at least one client is needed, such as web1.example.com' : undefined;
    },
    reads: namesFile,
    options: (text) => {
      const file = namesFile(text);
      return file === undefined ? { client: splitNames(text) } : { clientsFile: file };
    },
  },
  systemQuestion('server'),
  versionQuestion('server'),
  systemQuestion('client'),
  versionQuestion('client'),
  {
    key: 'digest',
    kind: 'select',
    when: purposeIs('settings'),
    message: 'fingerprint digest',
    explain: () =>
      'how the map lists a certificate; sha256 for a new set-up, sha1 where the oldest hosts have to follow',
    choices: () => [
      { value: 'sha256', name: 'sha256 (recommended)', explain: 'no two certificates can be made to share one' },
      { value: 'sha1', name: 'sha1', explain: 'fits the oldest hosts, and maps that list sha1 already' },
      { value: 'sha384', name: 'sha384', explain: 'longer lines in the map' },
      { value: 'sha512', name: 'sha512', explain: 'the longest lines in the map' },
    ],
    fallback: (known) => known.existing?.settings.digest ?? 'sha256',
    options: (value, known) => (value === known.existing?.settings.digest ? {} : { digest: value }),
  },
  {
    key: 'passphrase',
    settledBy: ['passphraseFile'],
    kind: 'password',
    when: isNew,
    message: "passphrase of the authority's key",
    explain: () => 'it encrypts the key that signs the certificates and is needed to issue more; empty: not encrypted',
  },
  {
    key: 'defaults',
    kind: 'confirm',
    // Nothing is left to ask when flags settled the rest.
    when: (known) => isNew(known) && openRest(known).length > 0,
    message: 'use the defaults for the rest',
    explain: (known) => {
      const standing = openRest(known).map((question) => question.standing?.(known));
      return ['everything else has a default:', ...standing.filter((line) => line !== undefined)].join('\n  ');
    },
    fallback: () => true,
    options: () => ({}),
  },
  ...restQuestions,
];

/** The questions that a "no" to the defaults would put. */
function openRest(known: Known): readonly Question[] {
  const refused = { ...known, answers: { ...known.answers, defaults: 'no' } };
  return restQuestions.filter((question) => isPut(question, refused));
}
