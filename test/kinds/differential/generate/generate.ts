import type { CertificatePool } from '../certificates.ts';
import type { Configuration, ScenarioSession, ScenarioWorld } from '../scenario.ts';
import { broken } from './broken.ts';
import { common } from './common.ts';
import { destinations } from './destinations.ts';
import { drawn } from './draw.ts';
import { enquiries } from './enquiries.ts';
import { manners } from './manners.ts';
import { overrides } from './overrides.ts';
import { policy } from './policy.ts';
import { session } from './sessions.ts';
import type { Setting } from './setting.ts';
import { Tables } from './tables.ts';
import { tls } from './tls.ts';
import { world } from './world.ts';

/** A configuration with the sessions that are played to it. */
export interface Generated {
  readonly configuration: Configuration;
  readonly sessions: readonly { readonly session: ScenarioSession; readonly world: ScenarioWorld }[];
}

/** Whatever a seed and an index stand for; `fill` puts the fingerprints of this run into its tables. */
export function generated(
  seed: number,
  index: number,
  sessions: number,
  fill: (text: string) => string,
  pool: CertificatePool,
): Generated {
  return drawn(seed, index, (draw) => {
    const tables = new Tables(draw);
    const parameters = [
      ...common,
      ...policy(draw, tables),
      ...destinations(draw, tables),
      ...manners(draw, tables),
      ...enquiries(draw, tables),
      ...tls(draw, tables),
      ...broken(draw),
    ];
    const own = overrides(draw, tables);
    const filled = ([name, value]: Setting): Setting => [name, fill(value)];
    return {
      configuration: {
        parameters: parameters.map(filled),
        overrides: own.map(filled),
        tables: Object.fromEntries(Object.entries(tables.files).map(([path, text]) => [path, fill(text)])),
      },
      sessions: Array.from({ length: sessions }, () => {
        const each = plausible(session(draw, pool), parameters);
        return { session: each, world: world(draw, each) };
      }),
    };
  });
}

/** Without a certificate of the server there is no TLS 1.3, and a scenario says what protocol they agree on. */
function plausible(each: ScenarioSession, parameters: readonly Setting[]): ScenarioSession {
  const file = parameters.find(([name]) => name === 'smtpd_tls_cert_file')?.[1];
  if (each.tls === null || (file !== undefined && file !== 'none')) return each;
  return { ...each, tls: { ...each.tls, protocol: 'TLSv1.2' } };
}
