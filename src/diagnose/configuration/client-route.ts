import type { Span } from '../../lib/problem.ts';
import { tokens } from '../../policy/postfix/tokens.ts';
import type { ClientEvidence, Evidence, TableEvidence } from '../evidence/evidence.ts';
import { whereSet } from '../evidence/where.ts';
import { type TableLine, tableLines } from './certificate-use.ts';

/** How a client gets to its relay, and with how much TLS. */
export interface Route {
  /** relayhost as written: `[relay.example.com]:587`; empty: it delivers directly. */
  readonly relayhost: string;
  readonly host: string;
  /** Empty: 25. */
  readonly port: string;
  /** The level in force: of the policy for this relay, else of main.cf; empty: no TLS. */
  readonly level: string;
  /** The rest of the policy, such as `match=…`. */
  readonly attributes: string;
  /** Where the level comes from; undefined: a default. */
  readonly where: Span | undefined;
  /** Lines of smtp_tls_policy_maps, where its source was given. */
  readonly policies: readonly (TableLine & { readonly source: TableEvidence })[];
}

/** The route of the client that was given; undefined without one. */
export function routeOf({ client }: Evidence): Route | undefined {
  if (client === undefined) return undefined;
  const { config } = client;
  const relayhost = tokens(config.get('relayhost'), config.version)[0] ?? '';
  const [, host = relayhost, port = ''] = /^\[?([^\]]*?)\]?(?::([\w]+))?$/.exec(relayhost) ?? [];
  const policies = policyLines(client);
  const policy = policies.find(({ key }) => key.toLowerCase() === relayhost.toLowerCase());
  const [level = '', attributes = ''] = policy === undefined ? [legacyLevel(client)] : policy.value.split(/\s+(.*)/s);
  const where =
    policy === undefined
      ? whereSet(client, config, 'smtp_tls_security_level')
      : { file: policy.source.file, line: policy.line, column: 1 };
  return { ...{ relayhost, host, port, attributes, where, policies }, level: level.toLowerCase() };
}

function policyLines(client: ClientEvidence): Route['policies'] {
  const specs = tokens(client.config.get('smtp_tls_policy_maps'), client.config.version);
  return specs.flatMap((spec) => {
    const path = spec.replace(/^proxy:/, '').replace(/^\w+:/, '');
    const source = client.tables.find((table) => table.path === path);
    return source === undefined ? [] : tableLines(source).map((line) => ({ ...line, source }));
  });
}

/** smtp_tls_security_level, or what the parameters before it say (postconf(5)). */
function legacyLevel({ config }: ClientEvidence): string {
  const level = config.get('smtp_tls_security_level');
  if (level !== '') return level;
  if (config.boolean('smtp_enforce_tls')) return config.boolean('smtp_tls_enforce_peername') ? 'verify' : 'encrypt';
  return config.boolean('smtp_use_tls') ? 'may' : '';
}
