import { atLeast } from '../../policy/postfix/version.ts';
import { type FingerprintTable, fingerprintTables } from '../configuration/certificate-use.ts';
import { overrideOf, setTo } from '../configuration/edit.ts';
import { certificatePermits } from '../configuration/elements.ts';
import type { Evidence, ServiceEvidence } from '../evidence/evidence.ts';
import type { FindingRow, Occurrence } from './finding.ts';
import { troubleLine } from './log-lines.ts';
import { at, decisiveFor, perService } from './per-service.ts';

const compiled = /^(?:hash|btree|dbm|sdbm|cdb|lmdb)$/;

/** What says that a type is not there; undefined: nothing does. */
function lacking({ live }: Evidence, service: ServiceEvidence, { spec, type }: FingerprintTable): string | undefined {
  const said = service.config.table(spec).warnings.some(({ message }) => /unsupported dictionary type/.test(message));
  if (said) return `Postfix ${service.config.version.text} has no "${type}" tables`;
  if (live !== undefined && !live.tableTypes.includes(type))
    return `"postconf -m" on this host does not list "${type}"`;
  return undefined;
}

/** A type that the host has, for a table that is edited as text. */
function instead({ live }: Evidence): string {
  const types = live?.tableTypes ?? [];
  return ['hash', 'lmdb', 'cdb'].find((type) => types.includes(type)) ?? 'texthash';
}

/** Whether the tables of fingerprints can be read at all. */
export const mapTableFindings: readonly FindingRow[] = [
  {
    id: 'map-not-set',
    severity: 'error',
    title: 'listed certificates are permitted, but there is no list',
    doc: 'permit_tls_clientcerts looks a fingerprint up in relay_clientcerts, which is empty by default; nothing warns of it.',
    test: (evidence) =>
      perService(evidence, (server, service) => {
        const permit = certificatePermits(service.config).find(({ name }) => name === 'permit_tls_clientcerts');
        if (permit === undefined || service.config.get('relay_clientcerts') !== '') return [];
        return [
          {
            ...at(server, service, permit.list, permit.written),
            parameter: 'relay_clientcerts',
            ...decisiveFor(evidence, service, ({ conversation }) => conversation.tls?.certificate !== undefined),
            message: 'permit_tls_clientcerts never applies: relay_clientcerts is empty',
            why: 'there is no table that a fingerprint could be found in, and nothing in the log says so',
            repair:
              'set relay_clientcerts to the table of the fingerprints, such as hash:/etc/postfix/relay_clientcerts',
          },
        ];
      }),
  },
  {
    id: 'table-type-unavailable',
    severity: 'error',
    title: 'the table of fingerprints has a type that this Postfix does not have',
    doc:
      'Every lookup in it fails: clients with a certificate get "451 4.3.0 Temporary lookup failure", others are refused. ' +
      'Berkeley DB (hash, btree) has left Red Hat Enterprise Linux 10, Alpine and others; lmdb came with Postfix 2.11.',
    test: (evidence) => {
      const found = perService(evidence, (server, service) =>
        fingerprintTables(server, service).flatMap((table): readonly Occurrence[] => {
          const why = lacking(evidence, service, table);
          if (why === undefined) return [];
          const type = instead(evidence);
          const own = table.parameter === 'relay_clientcerts';
          return [
            {
              ...at(server, service, table.parameter, table.spec),
              ...decisiveFor(evidence, service, ({ reply }) => reply?.reply.code === 451),
              message: `"${table.spec}" cannot be opened: ${why}`,
              why: 'every lookup fails, and clients with a certificate get "451 4.3.0 Temporary lookup failure"',
              repair: `write ${type}:${table.path}${compiled.test(type) ? ` and run "postmap ${type}:${table.path}"` : ', which is read as it is'}`,
              ...(own && /^\//.test(table.path)
                ? {
                    edits: [
                      [
                        setTo(
                          table.parameter,
                          service.config.raw(table.parameter).replace(table.spec, `${type}:${table.path}`),
                          overrideOf(service, table.parameter),
                        ),
                      ],
                    ],
                  }
                : {}),
            },
          ];
        }),
      );
      const line = troubleLine(evidence, /unsupported dictionary type:|Unsupported dictionary type/);
      if (found.length > 0 || line === undefined) return found;
      return [
        {
          where: line.where,
          decisive: true,
          message: `the server cannot open a table: "${line.text}"`,
          why: 'this build of Postfix lacks the type, and every lookup in the table fails',
          repair: 'use a type that "postconf -m" lists, such as lmdb, cdb or texthash',
        },
      ];
    },
  },
  {
    id: 'berkeley-db-leaving',
    severity: 'note',
    title: 'the table needs Berkeley DB, which systems are dropping',
    doc: 'hash and btree tables need a library that newer systems no longer ship; an upgrade then makes every lookup fail.',
    test: (evidence) =>
      perService(evidence, (server, service) =>
        fingerprintTables(server, service)
          .filter(({ type }) => /^(?:hash|btree)$/.test(type) && atLeast(service.config.version, '3.11'))
          .filter((table) => lacking(evidence, service, table) === undefined)
          .map(({ spec, parameter, path }) => ({
            ...at(server, service, parameter, spec),
            message: `"${spec}" needs Berkeley DB, which the next upgrade of the system may take away`,
            why: 'Red Hat Enterprise Linux 10, Alpine and others have no hash and btree tables any more',
            repair: `write lmdb:${path} (or cdb:) once "postconf -m" lists it, and run postmap on it`,
          })),
      ),
  },
  {
    id: 'map-unavailable',
    severity: 'error',
    title: 'the compiled table of fingerprints is missing or cannot be read',
    doc: 'The server reads what postmap(1) made of the source. Without it clients with a certificate get "451 4.3.0 Temporary lookup failure".',
    test: (evidence) => {
      const found = perService(evidence, (server, service) =>
        fingerprintTables(server, service)
          .filter(({ path, type }) =>
            evidence.live?.built.some((each) => each.path === path && each.type === type && each.file === undefined),
          )
          .map(({ spec, parameter }) => ({
            ...at(server, service, parameter, spec),
            ...decisiveFor(evidence, service, () => true),
            message: `"${spec}" was never compiled`,
            why: 'the server reads the compiled file only; without it every lookup fails with 451 4.3.0',
            repair: `run "postmap ${spec}"`,
          })),
      );
      const line = troubleLine(
        evidence,
        /is unavailable\. open (?:database|file) |open database .*: (?:No such file|Permission denied)/,
      );
      if (found.length > 0 || line === undefined) return found;
      const denied = /Permission denied/.test(line.text);
      return [
        {
          where: line.where,
          decisive: true,
          message: `the server cannot open a table: "${line.text}"`,
          why: 'every lookup in it fails, and whoever it is asked about gets "451 4.3.0 Temporary lookup failure"',
          repair: denied
            ? 'make the compiled file readable for everybody (mode 0644), and its folder open (0755)'
            : 'run postmap on the table that main.cf names',
        },
      ];
    },
  },
  {
    id: 'map-stale',
    severity: 'error',
    title: 'the compiled table says something else than its source',
    doc: 'A change of the source counts only after postmap(1). Postfix itself warns by the time of the files, and not within a hundred seconds.',
    test: (evidence) =>
      perService(evidence, (server, service) =>
        fingerprintTables(server, service).flatMap(({ spec, parameter, path, type, source }) => {
          const built = evidence.live?.built.find((each) => each.path === path && each.type === type);
          const differences = built?.differences ?? [];
          const [first] = differences;
          if (first === undefined) return [];
          const others = differences.length === 1 ? '' : `, and ${differences.length - 1} more`;
          const what =
            first.built === undefined
              ? `${first.key} is in the source only`
              : first.source === undefined
                ? `${first.key} is no longer in the source`
                : `${first.key} has another value`;
          return [
            {
              ...at(server, service, parameter, spec),
              ...(source === undefined ? {} : { where: { file: source.file, line: 1, column: 1 } }),
              ...decisiveFor(evidence, service, ({ conversation }) => conversation.tls?.certificate !== undefined),
              message: `the compiled table of "${spec}" is not what its source says: ${what}${others}`,
              why: 'the server reads the compiled file; the source counts only after postmap',
              repair: `run "postmap ${spec}"`,
            },
          ];
        }),
      ),
  },
];
