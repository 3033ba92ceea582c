import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { foldLedger } from '../../../src/provision/ledger/fold-ledger.ts';
import { type Answers, readAnswers } from '../../../src/provision/settings/answers.ts';
import type { FlagValues } from '../../../src/provision/settings/given-values.ts';
import { clientLevels, type Inventory, pins } from '../../../src/provision/settings/types.ts';
import { readInventory } from '../../../src/provision/state/inventory-file.ts';
import { printInventory } from '../../../src/provision/state/inventory-text.ts';
import { digests, keyTypes } from '../../../src/x509/algorithms.ts';

const presets = [
  { name: 'centos7', version: '2.10.1', tableType: 'hash' },
  { name: 'rhel10', version: '3.8.5', tableType: 'lmdb' },
];

function answer(flags: FlagValues, existing?: Inventory): Answers {
  const read = () => '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
  return readAnswers({ flags, existing, presets, detected: '3.7.11', read });
}

const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const one = (...values: readonly string[]) => maybe(fc.constantFrom(...values));
const names = fc.uniqueArray(fc.constantFrom('a.example.com', 'b.example.com', 'c.example.org', 'd'), { minLength: 1 });
const version = one('2.9', '2.9.3', '2.10', '2.11', '3.0', '3.4', '3.11', '3.7.11');
const text = fc.string({ unit: fc.constantFrom(...'0129aZ.-/$ \n"ü'), maxLength: 6 });

const plausible: fc.Arbitrary<FlagValues> = fc.record({
  server: names,
  client: names,
  postfix: version,
  clientPostfix: version,
  os: one('centos7', 'rhel10'),
  clientOs: one('centos7', 'rhel10'),
  relayPort: one('25', '465', '587'),
  digest: one(...digests),
  keyType: one(...keyTypes),
  days: one('1', '397', '36500'),
  caDays: one('30', '3650'),
  caName: one('Relay CA', 'Behörde 1'),
  constrain: maybe(fc.constantFrom(['example.com'], ['example.com', 'example.org', 'd'])),
  tableType: one('hash', 'lmdb', 'texthash', '$default_database_type'),
  policy: one('relay', 'recipient'),
  unauthorized: one('defer', 'reject'),
  permitSasl: maybe(fc.boolean()),
  mynetworks: one('', '127.0.0.0/8 [::1]/128'),
  clientLevel: one(...clientLevels),
  pin: one(...pins),
  serverCert: one('internal', 'keep'),
  serverCa: one('ca.pem'),
  baseMainCf: one('main.cf'),
  installDir: one('/srv/relay', '/etc/postfix/certrelay'),
});

describe('answers', () => {
  test.prop([plausible])('said again change nothing, nor does saying nothing, nor writing and reading', (flags) => {
    const first = answer(flags);
    if (first.kind === 'refused') {
      expect(first.problems.length).toBeGreaterThan(0);
      return;
    }
    const { inventory } = first;
    for (const again of [answer(flags, inventory), answer({}, inventory)]) {
      expect(again.kind === 'complete' ? again.inventory : again.problems).toEqual(inventory);
    }
    expect(readInventory(printInventory(inventory, foldLedger([])), 'inventory.json')).toEqual(inventory);
  });

  test.prop([plausible, plausible])(
    'of a second run never take a name away nor change the authority',
    (flags, later) => {
      const first = answer(flags);
      if (first.kind === 'refused') return;
      const second = answer(later, first.inventory);
      if (second.kind === 'refused') return;
      expect(second.inventory.authority).toEqual(first.inventory.authority);
      for (const side of ['servers', 'clients'] as const) {
        expect(second.inventory[side].slice(0, first.inventory[side].length)).toEqual(first.inventory[side]);
      }
    },
  );

  test.prop([
    fc.dictionary(fc.constantFrom(...Object.keys(printable())), fc.oneof(text, fc.array(text, { maxLength: 3 }))),
  ])('of any kind end in an inventory without line breaks and dollars, or in problems', (flags) => {
    const answers = answer({ server: ['a.example.com'], client: ['b.example.com'], ...flags });
    if (answers.kind === 'refused') {
      for (const { message } of answers.problems) expect(message).toMatch(/^[^\n]+[^.\n]$/);
      return;
    }
    const { serverCa, baseMainCf, ...settings } = answers.inventory.settings;
    const values = [answers.inventory.authority, settings, answers.inventory.servers, answers.inventory.clients];
    expect(JSON.stringify(values)).not.toMatch(/\\n|\$|'|`/);
  });
});

/** Keys of all options, to be given anything. */
function printable(): Record<string, true> {
  const keys =
    'server client postfix clientPostfix os clientOs relayPort digest keyType days caDays caName constrain tableType';
  const more = 'policy unauthorized permitSasl mynetworks clientLevel pin serverCert installDir';
  return Object.fromEntries(`${keys} ${more}`.split(' ').map((key) => [key, true]));
}
