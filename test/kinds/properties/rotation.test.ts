import { createPrivateKey, X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAdmitted, isLive } from '../../../src/provision/ledger/ledger-state.ts';
import { day } from '../../provision/rotation/station.ts';
import { World } from './rotation-world.ts';

/** What the test knows of the set-up without looking at it. */
interface Model {
  readonly servers: Set<string>;
  readonly clients: Set<string>;
}

const servers = ['s1.example.com', 's2.example.com'];
const clients = ['c1.example.com', 'c2.example.com', 'c3.example.com'];
type Step = fc.AsyncCommand<Model, World>;

/** A command line, run twice where the second run must change nothing. */
async function run(world: World, argv: readonly string[], twice = true): Promise<void> {
  const { station } = world;
  const first = await station.run(...argv);
  expect([argv, first.exit, first.err + first.out]).toEqual([argv, 0, expect.anything()]);
  if (!twice) return;
  const before = station.read('ledger.jsonl');
  expect((await station.run(...argv)).exit).toBe(0);
  expect(station.read('ledger.jsonl'), `twice: ${argv.join(' ')}`).toBe(before);
}

/** What must hold after every step. */
async function invariants(model: Model, world: World): Promise<void> {
  const { station } = world;
  const { inventory, state, ledger } = station.state();
  expect(new Set(inventory?.clients.map(({ name }) => name))).toEqual(model.clients);
  const serials = ledger.events.flatMap((event) => (event.event === 'issued' ? [event.serial] : []));
  expect(new Set(serials).size).toBe(serials.length);
  const admitted = [...model.clients].flatMap((name) => state.of(name, 'client').filter(isAdmitted));
  for (const server of model.servers) {
    const map = station.map(server);
    expect(new Set(map.serials)).toEqual(new Set(admitted.map(({ serial }) => serial)));
    const known = new Set(admitted.flatMap(({ fingerprint }) => Object.values(fingerprint)));
    expect(map.fingerprints.filter((fingerprint) => !known.has(fingerprint))).toEqual([]);
    expect(new Set(map.fingerprints).size).toBe(map.fingerprints.length);
  }
  for (const name of [...model.servers, ...model.clients]) {
    const certificate = new X509Certificate(station.read('hosts', name, `${name}.crt`));
    expect(certificate.checkPrivateKey(createPrivateKey(station.read('hosts', name, `${name}.key`)))).toBe(true);
    expect(station.read('hosts', name, `${name}.pem`)).toBe(
      station.read('hosts', name, `${name}.key`) + station.read('hosts', name, `${name}.crt`),
    );
  }
  expect(station.list('hosts')).toEqual([...model.servers, ...model.clients].sort());
  const waiting = state.certificates.filter(
    (one) => isLive(one) && one.role !== 'authority' && one.handed === undefined,
  );
  // A certificate that kept its key has none that waits.
  expect(station.list('next').length).toBeLessThanOrEqual(new Set(waiting.map(({ holder }) => holder)).size);
  expect(world.broken()).toEqual([]);
}

function step(
  text: string,
  check: (model: Readonly<Model>) => boolean,
  act: (model: Model, world: World) => Promise<void>,
): Step {
  return {
    check,
    async run(model, world) {
      world.station.pass(60);
      await act(model, world);
      await invariants(model, world);
    },
    toString: () => text,
  };
}

const add = (name: string) =>
  step(
    `add ${name}`,
    () => true,
    async (model, world) => {
      await run(world, ['add', name]);
      model.clients.add(name);
    },
  );
const addServer = (name: string) =>
  step(
    `add server ${name}`,
    () => true,
    async (model, world) => {
      await run(world, ['add', name, '--role', 'server']);
      model.servers.add(name);
    },
  );
const remove = (name: string) =>
  step(
    `remove ${name}`,
    (model) => model.clients.has(name),
    async (model, world) => {
      await run(world, ['remove', name, '--yes']);
      model.clients.delete(name);
      world.forget(name);
    },
  );
const rotate = (name: string, options: readonly string[]) =>
  step(
    `rotate ${[name, ...options].join(' ')}`,
    (model) => model.clients.has(name) || model.servers.has(name),
    (_, world) => run(world, ['rotate', name, ...options]),
  );
const rotateAll = (argv: readonly string[]) =>
  step(
    `rotate ${argv.join(' ')}`,
    () => true,
    (_, world) => run(world, ['rotate', ...argv]),
  );
/** The operator copies a folder, and sometimes says so. */
const copy = (name: string, says: boolean) =>
  step(
    `copy ${name}${says ? ' and say so' : ''}`,
    (model) => model.clients.has(name) || model.servers.has(name),
    async (model, world) => {
      world.copy(name, model.servers.has(name) ? 'server' : 'client');
      // Said again, it would be about the files that this very run has made.
      if (says) await run(world, ['rotate', '--deployed', name], false);
    },
  );
const pass = (days: number) =>
  step(
    `${days} days pass`,
    () => true,
    async (_, world) => world.station.pass(days * day),
  );
const render = step(
  'render',
  () => true,
  async (_, world) => {
    await run(world, ['render', '--check']);
    await run(world, ['render']);
  },
);

const anyClient = fc.constantFrom(...clients);
const anyHost = fc.constantFrom(...clients, ...servers);
const commands = [
  anyClient.map(add),
  fc.constant(addServer('s2.example.com')),
  anyClient.map(remove),
  fc
    .tuple(anyHost, fc.constantFrom([], ['--overlap', '1d'], ['--reuse-key']))
    .map(([name, options]) => rotate(name, options)),
  fc
    .constantFrom(
      ['--due'],
      ['--due'],
      ['--all', '--overlap', '2d'],
      ['--authority', '--overlap', '1d'],
      ['--digest', 'sha256', '--overlap', '1d'],
    )
    .map(rotateAll),
  ...[0, 1, 2].map(() => fc.tuple(anyHost, fc.constant(true)).map(([name, says]) => copy(name, says))),
  fc.tuple(anyHost, fc.constant(false)).map(([name, says]) => copy(name, says)),
  fc.constantFrom(1, 3, 15, 120).map(pass),
  fc.constant(render),
];

async function start(): Promise<{ model: Model; real: World }> {
  const world = new World();
  const model: Model = { servers: new Set(['s1.example.com']), clients: new Set(['c1.example.com', 'c2.example.com']) };
  const flags = ['--server', ...model.servers, '--client', ...model.clients, '--postfix', '3.7', '--yes'];
  await run(world, ['init', ...flags]);
  for (const name of model.servers) world.copy(name, 'server');
  for (const name of model.clients) world.copy(name, 'client');
  expect(world.broken()).toEqual([]);
  expect(world.pairs).toBe(2);
  return { model, real: world };
}

describe('whatever is added, removed, rotated, copied or forgotten, in whatever order and however late', () => {
  it('who gets through goes on getting through, maps list exactly the admitted, and twice is once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands(commands, { maxCommands: 30, size: 'max' }), async (sequence) => {
        const { model, real } = await start();
        try {
          await fc.asyncModelRun(() => ({ model, real }), sequence);
        } finally {
          real.station.remove();
        }
      }),
      { numRuns: Number(process.env.CERTRELAY_PROPERTY_RUNS ?? 10), interruptAfterTimeLimit: 900_000 },
    );
  }, 900_000);
});
