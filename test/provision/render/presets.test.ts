import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { knownParameters } from '../../../src/policy/postfix/parameters.ts';
import { presetOf, presets, stockMainCf } from '../../../src/policy/postfix/presets/presets.ts';
import { readConfig } from '../../../src/policy/postfix/read-config.ts';
import { parseVersion } from '../../../src/policy/postfix/version.ts';
import { presetNames } from '../../../src/provision/settings/set-up-options.ts';

describe('presets', () => {
  it('are those that the options name', () => {
    expect(presets.map(({ name }) => name).sort()).toEqual([...presetNames].sort());
    expect(presetOf('windows')).toBeUndefined();
    expect(stockMainCf('windows')).toBeUndefined();
  });

  it.each(presets)(
    '$name: a main.cf that its Postfix knows and reads without complaint',
    ({ name, version, parameters }) => {
      const read = parseVersion(version);
      if ('code' in read) throw new Error(read.message);
      const known = knownParameters(read);
      // Read by scripts and by the loader of tables, not by the programs whose parameters are listed.
      const ours = new Set(['debugger_command', 'meta_directory', 'shlib_directory']);
      expect(parameters.map(([parameter]) => parameter).filter((each) => !known.has(each) && !ours.has(each))).toEqual(
        [],
      );
      expect(new Set(parameters.map(([parameter]) => parameter)).size).toBe(parameters.length);
      const config = readConfig({ version, mainCf: stockMainCf(name) ?? '' });
      expect([config.fatal, config.warnings]).toEqual([undefined, []]);
    },
  );

  // Debian keeps the main.cf it starts from; where the tests run on Debian 12, the row must say the same.
  const debian = '/usr/share/postfix/main.cf.debian';
  const here = existsSync(debian) && /^VERSION_ID="12"$/m.test(readFileSync('/etc/os-release', 'utf8'));
  it.runIf(here)('debian12 says what the package of Debian 12 says', () => {
    const stock = new Map(presetOf('debian12')?.parameters);
    const text = readFileSync(debian, 'utf8') + readFileSync('/usr/share/postfix/main.cf.tls', 'utf8');
    const active = text.split('\n').filter((line) => /^[a-z]/i.test(line));
    expect(active.length).toBeGreaterThan(9);
    for (const line of active) {
      const [name = '', value] = line.split(/\s*=\s*/, 2);
      expect(stock.get(name), name).toBe(value);
    }
  });
});
