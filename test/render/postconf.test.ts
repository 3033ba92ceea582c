import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plan } from '../../src/render/plan.ts';
import { cases } from '../golden/cases.ts';
import { needs } from '../needs.ts';
import { templates } from './world.ts';

/** Postfix's programs live where an ordinary user's PATH does not look. */
const env = { ...process.env, LC_ALL: 'C', PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
const run = (program: string, ...words: readonly string[]) => spawnSync(program, words, { env, encoding: 'utf8' });

/** What the Postfix of this machine can read: renderings whose range of versions it is in. */
function installedMinor(): string {
  return /^\d+\.\d+/.exec(run('postconf', '-d', '-h', 'mail_version').stdout)?.[0] ?? '';
}

describe.skipIf(needs('postconf', 'postmap'))('the installed Postfix reads what is rendered', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'certrelay-postconf-'));
    writeFileSync(join(folder, 'master.cf'), 'smtp unix - - n - - smtp\n');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const minor = installedMinor();
  const fitting = cases.filter(({ input }) => input.inventory.settings.postfix.startsWith(minor));

  it('has renderings for it', () => expect(fitting.length).toBeGreaterThan(5));

  it.each(fitting.map((each) => [each.name, each] as const))(
    '%s: every parameter as meant, no warning',
    (_name, { input }) => {
      for (const { parameters, services, name } of plan(input, templates).hosts.values()) {
        const text = plan(input, templates).outputs.find(({ to }) => to === `hosts/${name}/main.cf`)?.content ?? '';
        writeFileSync(join(folder, 'main.cf'), `compatibility_level = 3.6\n${text}`);
        writeFileSync(
          join(folder, 'master.cf'),
          ['smtp unix - - n - - smtp', ...services.map(({ line }) => line), ''].join('\n'),
        );
        const read = run('postconf', '-c', folder, '-n');
        expect(read.stderr).toBe('');
        const lines = read.stdout
          .split('\n')
          .filter((line) => line !== '' && !/^(?:compatibility_level|config_directory) /.test(line));
        expect(lines.sort()).toEqual(parameters.map((set) => `${set.name} = ${set.value}`.trim()).sort());
        for (const { name: service, type, line } of services) {
          const entry = run('postconf', '-c', folder, '-M', `${service}/${type}`);
          expect(entry.stderr).toBe('');
          expect(entry.stdout.replace(/\s+/g, ' ').trim()).toBe(line);
        }
      }
    },
  );

  it.each(cases.map((each) => [each.name, each] as const))(
    '%s: tables build without a warning and answer',
    (_name, { input }) => {
      const { hosts, outputs } = plan(input, templates);
      for (const { name, maps, server, client } of hosts.values()) {
        for (const map of maps) {
          const source = join(folder, map.file);
          writeFileSync(source, outputs.find(({ to }) => to === `hosts/${name}/${map.file}`)?.content ?? '');
          const built = run('postmap', `hash:${source}`);
          expect([built.status, built.stderr]).toEqual([0, '']);
          const asked =
            map.parameter === 'relay_clientcerts'
              ? server.flatMap(({ entries }) =>
                  entries.map((entry) => ({ key: entry.fingerprint, value: entry.client })),
                )
              : client.flatMap(({ policies }) =>
                  policies.map(({ nexthop, policy }) => ({ key: nexthop, value: policy })),
                );
          const keys = asked.map(({ key }) => `${key}\n`).join('');
          const answers = spawnSync('postmap', ['-q', '-', `hash:${source}`], { env, encoding: 'utf8', input: keys });
          expect(answers.stdout).toBe(asked.map(({ key, value }) => `${key}\t${value}\n`).join(''));
          const listed = run('postmap', '-s', `hash:${source}`).stdout.trim();
          expect(listed === '' ? [] : listed.split('\n')).toHaveLength(asked.length);
        }
      }
    },
  );
});
