import type { Options } from '../command.ts';
import type { Choice, InputQuestion, Known, SelectQuestion } from './question.ts';

type Side = 'server' | 'client';

/** The option keys in which the two sides say what they run. */
const keys = {
  server: { os: 'os', postfix: 'postfix' },
  client: { os: 'clientOs', postfix: 'clientPostfix' },
} as const;

const isNewOrChanged = (known: Known) => known.existing === undefined || known.answers.purpose === 'settings';

/** What a side runs: an operating system with its stock Postfix, this machine's, or a version typed in. */
export function systemQuestion(side: Side): SelectQuestion {
  const { os, postfix } = keys[side];
  const possessive = side === 'server' ? "the server's" : "the clients'";
  return {
    key: `${side}System`,
    settledBy: [os, postfix],
    kind: 'select',
    when: isNewOrChanged,
    message: `${possessive} operating system`,
    explain: () =>
      side === 'server'
        ? 'it tells the Postfix version, and with it which parameters there are and what their defaults are'
        : 'the clients need not run what the server runs; their main.cf follows their own version',
    choices: (known) => [
      ...keepChoice(side, known),
      ...sameChoice(side, known),
      ...machineChoice(known),
      ...known.presets.map((preset) => ({
        value: preset.name,
        name: preset.name,
        explain: `Postfix ${preset.version}, tables of type ${preset.tableType}`,
      })),
      { value: 'version', name: 'another: I know the Postfix version', explain: 'the next question asks for it' },
    ],
    options: (value, known) => systemOptions(side, value, known),
  };
}

/** The version as text, when no listed system fits. */
export function versionQuestion(side: Side): InputQuestion {
  const { os, postfix } = keys[side];
  return {
    key: postfix,
    settledBy: [os, postfix],
    kind: 'input',
    when: (known) => isNewOrChanged(known) && known.answers[`${side}System`] === 'version',
    message: side === 'server' ? "the server's Postfix version" : "the clients' Postfix version",
    explain: () => '"postconf -d mail_version" on the host prints it; X.Y means the newest patch level',
    refuse: (text) => (text.trim() === '' ? 'a version is needed, such as 3.7' : undefined),
    options: (text) => ({ [postfix]: text.trim() }),
  };
}

function systemOptions(side: Side, value: string, known: Known): Options {
  const { os, postfix } = keys[side];
  if (value === 'keep' || value === 'version') return {};
  if (value === 'machine') return { [postfix]: known.detectedPostfix };
  if (value !== 'same') return { [os]: value };
  // Said outright, so that the command line printed at the end means the same on any machine.
  return { ...copied(known.options.os, 'clientOs'), ...copied(known.options.postfix, 'clientPostfix') };
}

const copied = (value: Options[string], key: string): Options => (value === undefined ? {} : { [key]: value });

function keepChoice(side: Side, known: Known): readonly Choice[] {
  const settings = known.existing?.settings;
  if (settings === undefined) return [];
  const { os, postfix } = keys[side];
  const system = settings[os] === undefined ? '' : ` (${settings[os]})`;
  return [{ value: 'keep', name: 'as it is', explain: `Postfix ${settings[postfix]}${system}` }];
}

function sameChoice(side: Side, known: Known): readonly Choice[] {
  const { os, postfix } = known.options;
  const isConfigured = known.configured.includes('os') || known.configured.includes('postfix');
  if (side === 'server' || (os === undefined && postfix === undefined && !isConfigured)) return [];
  const explain =
    os !== undefined ? `${os}` : postfix !== undefined ? `Postfix ${postfix}` : 'what the file of answers says';
  return [{ value: 'same', name: "the same as the server's", explain }];
}

function machineChoice(known: Known): readonly Choice[] {
  if (known.detectedPostfix === undefined) return [];
  const explain = 'the version of the Postfix that is installed here';
  return [{ value: 'machine', name: `this machine's Postfix ${known.detectedPostfix}`, explain }];
}
