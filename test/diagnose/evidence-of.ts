import type {
  CertificateEvidence,
  ClientEvidence,
  ConfigurationEvidence,
  Evidence,
  KeyEvidence,
  LiveEvidence,
  Release,
  ServerEvidence,
  ServiceEvidence,
} from '../../src/diagnose/evidence/evidence.ts';
import { MailLogReader } from '../../src/diagnose/maillog/reader.ts';
import type { MailLog } from '../../src/diagnose/maillog/session.ts';
import { Replayer } from '../../src/diagnose/replay/replay.ts';
import { readMainCf } from '../../src/policy/postfix/main-cf.ts';
import { readMasterCf } from '../../src/policy/postfix/master-cf.ts';
import { readConfig } from '../../src/policy/postfix/read-config.ts';
import { smtpServices } from '../../src/policy/postfix/service.ts';
import { parseVersion } from '../../src/policy/postfix/version.ts';
import { baseClientMainCf, baseMainCf, baseTables, overBase } from './base.ts';
import type { Credentials } from './credentials.ts';
import type { Part } from './fixture.ts';

/** What a part of a fixture gives a diagnosis; `put` puts fingerprints in the place of their names. */
export async function evidenceOf(
  part: Part,
  put: (text: string) => string,
  credentials: (lines: readonly string[]) => Promise<Credentials>,
  now: Date,
): Promise<Evidence> {
  const given = await credentials(part.certificates);
  const server = part.withoutServer ? undefined : serverOf(part, put, given);
  const client = part.clientMainCf === undefined ? undefined : clientOf(part, put, given);
  const log = part.log === undefined ? undefined : logOf(put(part.log));
  const replays =
    log === undefined || server === undefined
      ? []
      : new Replayer({
          ...{ server, client, dns: undefined, world: {}, filesAreAll: false },
          known: {
            certificates: given.client.flatMap(({ file, chain }) =>
              chain.slice(0, 1).map((facts) => ({ file, facts })),
            ),
          },
        }).ofLog(log, () => true).replays;
  const live = part.live === undefined ? undefined : liveOf(put(part.live));
  return {
    ...(server === undefined ? {} : { server }),
    ...(client === undefined ? {} : { client }),
    ...(log === undefined ? {} : { log }),
    replays,
    certificates: given.nobody,
    ...(live === undefined ? {} : { live }),
    now,
  };
}

function configuration(
  file: string,
  text: string,
  version: string,
  master: { readonly file: string; readonly text: string } | undefined,
  tables: Readonly<Record<string, string>>,
  certificates: readonly CertificateEvidence[],
  keys: readonly KeyEvidence[],
): ConfigurationEvidence {
  const read = parseVersion(version);
  if ('code' in read) throw new Error(read.message);
  const release: Release = { version: read, how: 'given', words: '' };
  return {
    ...{ file, text, release, certificates, keys },
    mainCf: readMainCf(text, file, read),
    ...(master === undefined ? {} : { master: { ...master, parsed: readMasterCf(master.text, master.file, read) } }),
    tables: Object.entries(tables).map(([path, source]) => ({
      ...{ path, text: source, how: 'given' as const },
      file: path.slice(path.lastIndexOf('/') + 1),
    })),
  };
}

function serverOf(part: Part, put: (text: string) => string, given: Credentials): ServerEvidence {
  const text = put(overBase(baseMainCf, part.mainCf));
  const own = Object.fromEntries(
    Object.entries({ ...baseTables, ...part.tables }).map(([path, source]) => [path, put(source)]),
  );
  const master = part.masterCf === undefined ? undefined : { file: 'master.cf', text: put(part.masterCf) };
  const side = configuration('main.cf', text, part.postfix, master, own, given.server, given.serverKeys);
  const sources = { version: part.postfix, mainCf: text, mainCfName: 'main.cf', tables: own };
  if (side.master === undefined) return { ...side, services: [{ name: 'smtp', config: readConfig(sources), sources }] };
  const services = smtpServices(side.master.parsed).map((service): ServiceEvidence => {
    const each = { ...sources, masterCf: side.master?.text ?? '', masterCfName: 'master.cf', service: service.name };
    return { name: service.name, service, config: readConfig(each), sources: each };
  });
  const [first, ...rest] = services;
  if (first === undefined) throw new Error('master.cf has no SMTP server');
  return { ...side, services: [first, ...rest] };
}

function clientOf(part: Part, put: (text: string) => string, given: Credentials): ClientEvidence {
  const text = put(overBase(baseClientMainCf, part.clientMainCf ?? ''));
  const own = Object.fromEntries(Object.entries(part.clientTables).map(([path, source]) => [path, put(source)]));
  const master =
    part.clientMasterCf === undefined ? undefined : { file: 'client.master.cf', text: part.clientMasterCf };
  const side = configuration('client.main.cf', text, part.postfix, master, own, given.client, given.clientKeys);
  return {
    ...side,
    config: readConfig({ version: part.postfix, mainCf: text, mainCfName: 'client.main.cf', tables: own }),
  };
}

function logOf(text: string): MailLog {
  const reader = new MailLogReader();
  for (const [index, line] of text.trimEnd().split('\n').entries())
    reader.take(line, { file: 'mail.log', line: index + 1, column: 1 });
  return reader.end();
}

function liveOf(text: string): LiveEvidence {
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' '));
  const types = lines.find(([word]) => word === 'types')?.slice(1);
  return {
    tableTypes: types ?? ['btree', 'cidr', 'hash', 'inline', 'lmdb', 'texthash'],
    built: lines
      .filter(([word]) => word === 'built')
      .map(([, type = '', path = '', state, key = '']) => ({
        ...{ type, path },
        ...(state === 'missing'
          ? {}
          : { file: `${path}.db`, sourceChanged: 2000, builtChanged: state === 'older' ? 1000 : 3000 }),
        ...(state === 'missing' ? {} : { differences: state === 'lacks' ? [{ key, source: 'listed' }] : [] }),
      })),
  };
}
