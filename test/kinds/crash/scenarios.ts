/** A command line and when it is given, in milliseconds after the set-up was made. */
export interface Given {
  readonly line: readonly string[];
  readonly ahead?: number;
  /** A certificate of somebody else is put into the folder `live` before, in the place of what was there. */
  readonly renewed?: boolean;
}

/** A command that is killed, and what was done before it. */
export interface Scenario {
  readonly name: string;
  readonly before: readonly Given[];
  readonly killed: Given;
  /** Files below the state's folder that somebody has overwritten before. */
  readonly spoiled?: readonly string[];
}

const hour = 3_600_000;
const init = [
  'init',
  '--server',
  's.example.com',
  '--client',
  'a.example.com',
  'b.example.com',
  '--postfix',
  '3.7',
  '--yes',
];
const setUp: Given = { line: init };
const begin: Given = { line: ['rotate', 'a.example.com', '--overlap', '1h', '--yes'] };
const admitted: Given = { line: ['rotate', '--deployed', 's.example.com', '--yes'] };
const handed: Given = { line: ['rotate', '--deployed', 'a.example.com', '--yes'] };
const over: Given = { line: ['rotate', '--due', '--yes'], ahead: 2 * hour };
// The hook says that every host takes its files at once, so that one run goes through several steps.
const roll: Given = { line: ['rotate', '--authority', '--overlap', '1h', '--yes', '--deploy-hook', 'true'] };
const rolled: Given = { line: ['rotate', '--due', '--yes', '--deploy-hook', 'true'], ahead: 2 * hour };
const server: Given = { line: ['rotate', 's.example.com', '--overlap', '1h', '--yes', '--deploy-hook', 'true'] };
const digest: Given = { line: ['rotate', '--digest', 'sha256', '--overlap', '1h', '--yes', '--deploy-hook', 'true'] };

const elsewhere: Given = { line: ['add', 'mx.example.com', '--cert', 'live', '--follow'], renewed: true };
const found: Given = { line: ['rotate', '--due', '--yes'], renewed: true };

/** Every command that writes, and every step of a rotation, each killed at every call in turn. */
export const scenarios: readonly Scenario[] = [
  { name: 'init', before: [], killed: setUp },
  { name: 'init, with one more', before: [setUp], killed: { line: [...init, '--client', 'c.example.com'] } },
  { name: 'add', before: [setUp], killed: { line: ['add', 'c.example.com', 'd.example.com'] } },
  { name: 'add a server', before: [setUp], killed: { line: ['add', 't.example.com', '--role', 'server'] } },
  { name: 'add from elsewhere', before: [setUp], killed: elsewhere },
  { name: 'rotate: a renewal is found', before: [setUp, elsewhere], killed: found },
  { name: 'rotate: issue and admit', before: [setUp], killed: begin },
  { name: 'rotate: hand over', before: [setUp, begin], killed: admitted },
  { name: 'rotate: deployed', before: [setUp, begin, admitted], killed: handed },
  { name: 'rotate: retire', before: [setUp, begin, admitted, handed], killed: over },
  { name: 'rotate the server', before: [setUp], killed: server },
  { name: 'rotate the authority', before: [setUp], killed: roll },
  { name: 'rotate the authority: retire', before: [setUp, roll], killed: rolled },
  { name: 'rotate the digest', before: [setUp], killed: digest },
  { name: 'rotate the digest: retire', before: [setUp, digest], killed: rolled },
  { name: 'remove', before: [setUp], killed: { line: ['remove', 'a.example.com', '--yes'] } },
  { name: 'remove during a rotation', before: [setUp, begin], killed: { line: ['remove', 'a.example.com', '--yes'] } },
  {
    name: 'render',
    before: [setUp],
    spoiled: ['hosts/s.example.com/relay_clientcerts', 'hosts/a.example.com/main.cf', 'inventory.json.bak'],
    killed: { line: ['render'] },
  },
];
