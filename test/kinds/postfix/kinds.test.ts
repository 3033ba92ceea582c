import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { client, type Lab, labNeeds, openLab, server } from './lab/lab.ts';

const hosts = ['--server', server, '--client', client, '--os', 'debian12', '--client-os', 'debian12'];

const kinds: readonly (readonly string[])[] = [
  ['--key-type', 'ec-p384', '--digest', 'sha256'],
  ['--key-type', 'rsa-2048', '--digest', 'sha384'],
  ['--key-type', 'ed25519', '--digest', 'sha512'],
  ['--key-type', 'ec-p256', '--pin', 'public-key'],
  ['--client-level', 'fingerprint', '--pin', 'both'],
  ['--client-level', 'encrypt', '--unauthorized', 'reject'],
  ['--table-type', 'texthash'],
  ['--policy', 'recipient'],
];

/** Each kind is installed over the one before, on hosts that run: that is how settings change in real life. */
describe.skipIf(needs(...labNeeds))('kinds of certificates, digests and policies', () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await openLab({ [server]: {}, [client]: {} });
  });

  afterAll(() => lab?.close());

  it.each(kinds.map((options, index) => [options.join(' '), options, `kind ${index}`] as const))(
    'relays with %s',
    async (_, options, name) => {
      await lab.install(lab.certrelay.init(name, ...hosts, ...options));
      const message = await lab.relays(client, name);
      expect(message.text).toMatch(/by server\.example\.com .*with ESMTPS/s);
    },
  );
});
