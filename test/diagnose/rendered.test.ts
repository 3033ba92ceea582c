import { describe, expect, it } from 'vitest';
import { diagnose } from '../../src/diagnose/findings/diagnose.ts';
import { stockMainCf } from '../../src/policy/postfix/presets/presets.ts';
import { plan } from '../../src/provision/render/plan.ts';
import { isBefore } from '../../src/provision/settings/postfix-version.ts';
import { cases } from '../kinds/golden/cases.ts';
import { templates } from '../provision/render/world.ts';
import { evidenceOf } from './evidence-of.ts';
import { fixtures } from './fixture.ts';

const [some] = fixtures();

/** Notes that may be said of a rendering: what its settings ask for. */
const askedFor = ['refusal-bounces', 'berkeley-db-leaving'];

describe('a rendered server', () => {
  it.each(cases.map((each) => [each.name, each.input] as const))(
    '%s: nothing is found with it',
    async (_name, input) => {
      if (some === undefined) throw new Error('there are no fixtures');
      const { settings, servers } = input.inventory;
      const bare = `${isBefore(settings.postfix, '3.0') ? '' : 'compatibility_level = 2\n'}mynetworks = 127.0.0.0/8\n`;
      const certificate = settings.serverCert === 'keep' ? 'smtpd_tls_cert_file = /etc/ssl/kept.pem\n' : '';
      const stock = settings.os === undefined ? bare : (stockMainCf(settings.os) ?? '');
      const base = `${certificate}${settings.baseMainCf ?? stock}`;
      const { outputs, hosts } = plan(input, templates);
      const none = { certificates: [], server: [], serverKeys: [], client: [], clientKeys: [], nobody: [] };
      for (const { name } of servers) {
        const text = (file: string): string => outputs.find(({ to }) => to === `hosts/${name}/${file}`)?.content ?? '';
        const fragment = text('main.cf');
        const own = new Set([...fragment.matchAll(/^(\w+)\s*=/gm)].map(([, parameter]) => parameter));
        // The fragment takes the place of what the host had, as install.sh has it.
        const kept = base.split('\n').filter((line) => !own.has(/^(\w+)\s*=/.exec(line)?.[1]));
        const part = {
          ...some.parts.repaired,
          postfix: settings.postfix,
          mainCf: `= whole\n${kept.join('\n')}\nmyhostname = ${name}\n${fragment}`,
          tables: Object.fromEntries((hosts.get(name)?.maps ?? []).map(({ path, file }) => [path, text(file)])),
          certificates: [],
        };
        const found = diagnose(
          await evidenceOf(
            part,
            (each) => each,
            async () => none,
            new Date(),
          ),
        );
        const unexpected = found
          .filter(({ id }) => !askedFor.includes(id))
          .map(({ id, message }) => `${id}: ${message}`);
        expect(unexpected, name).toEqual([]);
      }
    },
  );
});
