import { plainText } from '../../../../src/lib/files/read.ts';
import { readRevocations } from '../../../../src/provision/import/index-file.ts';
import { foldLedger } from '../../../../src/provision/ledger/fold-ledger.ts';
import { parseLedger } from '../../../../src/provision/ledger/ledger.ts';
import { isMapFile, readMapFile } from '../../../../src/provision/ledger/map-file.ts';
import { readClientsFile } from '../../../../src/provision/settings/clients-file.ts';
import { readInventory } from '../../../../src/provision/state/inventory-file.ts';
import { printInventory } from '../../../../src/provision/state/inventory-text.ts';
import { checkProblem, refusing } from '../clear.ts';
import { type Target, textOf, texts } from '../target.ts';
import { sampleState } from './sample-state.ts';

export const ledger: Target = {
  name: 'ledger.jsonl',
  samples: (tests) => [sampleState(tests).ledger],
  async run(input) {
    const read = parseLedger(input, 'ledger.jsonl');
    for (const problem of [...read.problems, ...read.notes]) checkProblem(problem, 'ledger.jsonl');
    if (read.intact > input.length) throw new Error('more is intact than there is');
    await refusing(() => foldLedger(read.events, 'ledger.jsonl'));
  },
};

export const inventory: Target = {
  name: 'inventory.json',
  samples: (tests) => [sampleState(tests).inventory],
  run(input) {
    const read = readInventory(plainText(textOf(input)), 'inventory.json');
    if (Array.isArray(read)) {
      if (read.length === 0) throw new Error('refused without a word');
      for (const problem of read) checkProblem(problem, 'inventory.json');
    } else if ('authority' in read) {
      // What was taken is printed, and taken again.
      const printed = printInventory(read, foldLedger([]));
      const again = readInventory(printed, 'inventory.json');
      if (Array.isArray(again)) throw new Error(`not read again: ${again[0]?.message}`);
    }
  },
};

export const clientsFile: Target = {
  name: 'clients file',
  samples: () =>
    texts(
      'one.example.com\ntwo.example.com # old\n\n# three\n',
      'name,owner,"a ""b"" c"\none.example.com,x,"y, z"\n"two.example.com",,\n',
      'host;name\na;b\n',
    ),
  run(input) {
    const read = readClientsFile(plainText(textOf(input)), 'clients.csv');
    for (const problem of read.problems) checkProblem(problem, 'clients.csv');
  },
};

export const mapFile: Target = {
  name: 'map of fingerprints',
  samples: () => texts('# who: one\nAA:BB:CC:DD one\n\n#x\n11:22  two three\n', 'aa:bb x\n  y\nno key\n'),
  run(input) {
    const text = plainText(textOf(input));
    isMapFile(text);
    readMapFile(text);
  },
};

export const opensslIndex: Target = {
  name: 'openssl index',
  samples: () =>
    texts(
      'V\t261122120000Z\t\t01\tunknown\t/CN=one.example.com\nR\t261122120000Z\t251122120000Z,superseded\t00ff\tunknown\t/CN=two.example.com\nE\t20491122120000Z\t\tAB\tx\t/O=x/CN=y\n',
    ),
  run(input) {
    for (const { serial } of readRevocations(plainText(textOf(input))) ?? [])
      if (!/^[0-9a-f]+$/.test(serial)) throw new Error(`no serial number: "${serial}"`);
  },
};
