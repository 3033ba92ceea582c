import { describe, expect, it } from 'vitest';
import { CertrelayError } from '../../../src/lib/problem.ts';
import { knownParameters } from '../../../src/policy/postfix/parameters.ts';
import { minorReleases, parseVersion, type Version } from '../../../src/policy/postfix/version.ts';
import { plan } from '../../../src/provision/render/plan.ts';
import type { Settings } from '../../../src/provision/settings/types.ts';
import { inputOf, settingsOf, templates } from '../../provision/render/world.ts';

const choices: readonly Partial<Settings>[] = [
  {},
  { keyType: 'rsa-3072' },
  { keyType: 'ed25519' },
  { relayPort: 465 },
  { policy: 'recipient', unauthorized: 'reject' },
  { serverCert: 'keep', clientLevel: 'encrypt' },
  { baseMainCf: 'transport_maps = hash:/etc/postfix/transport\n' },
];

function version(text: string): Version {
  const read = parseVersion(text);
  if ('code' in read) throw new Error(read.message);
  return read;
}

describe('rendered parameters', () => {
  const hosts = [
    ['server.example.com', 'two.example.com'],
    ['two.example.com', 'client.example.com'],
  ] as const;

  it.each(minorReleases)('are all known to Postfix %s, and in its range of versions', (minor) => {
    let hostsSeen = 0;
    for (const choice of choices) {
      let planned: ReturnType<typeof plan>;
      try {
        planned = plan(inputOf(...hosts, settingsOf(minor, choice)), templates);
      } catch (error) {
        // Some choices are refused for old versions; then nothing is rendered that could be unknown.
        expect(error).toBeInstanceOf(CertrelayError);
        continue;
      }
      for (const { name, parameters, versions } of planned.hosts.values()) {
        hostsSeen += 1;
        const first = minorReleases.indexOf(versions.from);
        const last = minorReleases.indexOf(versions.last);
        expect(minorReleases.slice(first, last + 1)).toContain(minor);
        for (const each of minorReleases.slice(first, last + 1)) {
          const known = knownParameters(version(each));
          const unknown = parameters
            .filter((parameter) => !known.has(parameter.name))
            .map((parameter) => parameter.name);
          expect(unknown, `${name} for Postfix ${each}`).toEqual([]);
        }
      }
    }
    expect(hostsSeen).toBeGreaterThan(6);
  });
});
