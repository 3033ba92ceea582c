import { basename } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { plan } from '../../../src/provision/render/plan.ts';
import { cases } from '../../kinds/golden/cases.ts';
import { needs } from '../../needs.ts';
import { installedVersion, RealPostfix } from '../../policy/postfix/real-postfix.ts';
import { templates } from './world.ts';

const missing = needs('postconf', 'postmap');

describe.skipIf(missing)('the installed Postfix reads what is rendered', () => {
  const real = new RealPostfix();
  afterAll(() => real.remove());

  // Renderings whose range of versions the Postfix of this machine is in.
  const minor = missing === false ? (/^\d+\.\d+/.exec(installedVersion())?.[0] ?? '') : '';
  const fitting = cases.filter(({ input }) => input.inventory.settings.postfix.startsWith(minor));

  it('has renderings for it', () => expect(fitting.length).toBeGreaterThan(5));

  it.each(fitting.map((each) => [each.name, each] as const))(
    '%s: every parameter as meant, no warning',
    (_name, { input }) => {
      const { hosts, outputs } = plan(input, templates);
      for (const { parameters, services, name, tables, server } of hosts.values()) {
        const content = (file: string) => outputs.find(({ to }) => to === `hosts/${name}/${file}`)?.content ?? '';
        // postconf(1) looks into the file of a table in a database.
        const files = tables.map(({ path }) => [path, real.write(basename(path), content(basename(path)))] as const);
        const here = (text: string) => files.reduce((said, [path, file]) => said.replaceAll(path, file), text);
        const text = here(content('main.cf'));
        real.write('main.cf', `compatibility_level = 3.6\n${text}`);
        real.write('master.cf', ['smtp unix - - n - - smtp', ...services.map(({ line }) => line), ''].join('\n'));
        const read = real.postconf('-n');
        expect(read.err).toEqual([]);
        const lines = read.out
          .split('\n')
          .filter((line) => line !== '' && !/^(?:compatibility_level|config_directory) /.test(line));
        const lists = server.flatMap(({ database }) =>
          database.map(({ proxyReadMaps }) => ({ name: 'proxy_read_maps', value: proxyReadMaps })),
        );
        const meant = [...parameters, ...lists].map((set) => here(`${set.name} = ${set.value}`.trim()));
        expect(lines.sort()).toEqual(meant.sort());
        for (const { name: service, type, line } of services) {
          const entry = real.postconf('-M', `${service}/${type}`);
          expect(entry.err).toEqual([]);
          expect(entry.out.replace(/\s+/g, ' ').trim()).toBe(line);
        }
      }
    },
  );

  it.each(cases.map((each) => [each.name, each] as const))(
    '%s: tables build without a warning and answer',
    (_name, { input }) => {
      real.write('main.cf', 'compatibility_level = 3.6\n');
      const { hosts, outputs } = plan(input, templates);
      for (const { name, maps, server, client } of hosts.values()) {
        for (const map of maps) {
          const content = outputs.find(({ to }) => to === `hosts/${name}/${map.file}`)?.content ?? '';
          const source = real.write(map.file, content);
          const built = real.postmap(`hash:${source}`);
          expect([built.code, built.err]).toEqual([0, []]);
          const asked =
            map.parameter === 'relay_clientcerts'
              ? server.flatMap(({ entries }) =>
                  entries.map((entry) => ({ key: entry.fingerprint, value: entry.client })),
                )
              : client.flatMap(({ policies }) =>
                  policies.map(({ nexthop, policy }) => ({ key: nexthop, value: policy })),
                );
          const answers = real.lookups(
            `hash:${source}`,
            asked.map(({ key }) => key),
          );
          expect([...answers]).toEqual(asked.map(({ key, value }) => [key, value]));
          const listed = real.postmap('-s', `hash:${source}`).out.trim();
          expect(listed === '' ? [] : listed.split('\n')).toHaveLength(asked.length);
        }
      }
    },
  );
});
