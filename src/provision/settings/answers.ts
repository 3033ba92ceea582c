import { dirname } from 'node:path';
import type { Problem } from '../../lib/problem.ts';
import { type AuthorityIssued, wantedAuthority } from './authority-wanted.ts';
import { readClientsFile } from './clients-file.ts';
import { checkBase, checkIssuer, withoutSecrets } from './given-texts.ts';
import { type ConfigFile, type FlagValues, type Given, readConfig, readFlags } from './given-values.ts';
import { standardInstallDir } from './install-dir.ts';
import { readNames } from './name-list.ts';
import { isBefore, newestSeries } from './postfix-version.ts';
import { moveNotes, portConflict } from './service-port.ts';
import { checkSettings, remarks } from './setting-rules.ts';
import { databaseType } from './table-type.ts';
import type { Host, Inventory, Settings } from './types.ts';

/** What is known of an operating system here; the rows themselves belong to the room that knows Postfix. */
export interface Preset {
  readonly name: string;
  /** Of its Postfix, `X.Y` or `X.Y.Z`. */
  readonly version: string;
  /** Its `default_database_type`. */
  readonly tableType: string;
}

/** Everything that may answer a question of `init`; what comes first here wins. */
export interface AnswerSources {
  readonly flags: FlagValues;
  readonly config?: ConfigFile | undefined;
  readonly existing?: Inventory | undefined;
  /** The authority that the ledger knows, which counts when no inventory was written yet. */
  readonly authority?: AuthorityIssued | undefined;
  readonly presets: readonly Preset[];
  /** Version of the Postfix on this machine, as `X.Y` or `X.Y.Z`. */
  readonly detected?: string | undefined;
  /** Clients are known by the lines of an earlier map, so none need be named. */
  readonly listed?: boolean | undefined;
  /** Reads a file that an option names: LF line ends, no byte order mark. Throws a CertrelayError. */
  readonly read: (path: string) => string;
}

export type Answers =
  | {
      readonly kind: 'complete';
      readonly inventory: Inventory;
      /** What was assumed, folded or cut; none of it stands in the way. */
      readonly notes: readonly Problem[];
      readonly passphraseFile: string | undefined;
    }
  | {
      readonly kind: 'refused';
      readonly problems: readonly Problem[];
      readonly notes: readonly Problem[];
      /** Options that must be given and were not; a wizard asks for them. */
      readonly missing: readonly ('server' | 'client')[];
    };

/** Works out the inventory that is wanted now. All problems are found at once, not one a run. */
export function readAnswers(sources: AnswerSources): Answers {
  const problems: Problem[] = [];
  const notes: Problem[] = [];
  const findings = { presets: sources.presets.map(({ name }) => name), problems, notes };
  const flags = readFlags(sources.flags, findings);
  const config = sources.config === undefined ? {} : readConfig(sources.config, dirname(sources.config.file), findings);
  const given: Given = { ...config, ...flags };

  const servers = hosts(sources.existing?.servers, config.server, flags.server);
  const listed = clientsOf(given.clientsFile, sources.read, problems, notes);
  const clients = hosts(sources.existing?.clients, config.client, flags.client, listed);
  const settings = settingsOf(sources, { config, flags, given }, problems, notes);
  const authority = wantedAuthority(given, settings.keyType, servers[0]?.name, sources, problems, notes);

  // Values that were refused are missing here, so rules between values would speak about defaults.
  if (problems.length > 0) return { kind: 'refused', problems, notes, missing: [] };
  const missing = [
    ...(servers.length === 0 ? (['server'] as const) : []),
    ...(clients.length === 0 && sources.listed !== true ? (['client'] as const) : []),
  ];
  problems.push(...clientsBecomingServers(sources.existing, servers));
  const inventory: Inventory = { schema: 'certrelay/inventory@1', authority, settings, servers, clients };
  problems.push(...missing.map(missingProblem), ...checkSettings(inventory));
  if (problems.length > 0) return { kind: 'refused', problems, notes, missing };
  notes.push(...remarks(inventory), ...moveNotes(sources.existing?.settings, settings));
  return { kind: 'complete', inventory, notes, passphraseFile: given.passphraseFile };
}

/** Refuses clients that would become servers: a host with both roles has other file names, and keys would be mixed up. */
function clientsBecomingServers(existing: Inventory | undefined, servers: readonly Host[]): readonly Problem[] {
  const clients = new Set(existing?.clients.map(({ name }) => name));
  const known = new Set(existing?.servers.map(({ name }) => name));
  return servers
    .filter(({ name }) => clients.has(name) && !known.has(name))
    .map(({ name }) => ({
      code: 'client-becomes-server',
      message: `"${name}" is a client already, and a host that is both names its files otherwise`,
      hint: `take it out with "certrelay remove ${name} --yes" and name it as server and client anew`,
    }));
}

function missingProblem(option: 'server' | 'client'): Problem {
  return {
    code: `${option}-missing`,
    message: `no ${option} is named`,
    hint: option === 'server' ? 'add --server NAME' : 'add --client NAME, or --clients-file FILE',
  };
}

/** Names in the order in which they were first given; none is ever dropped. */
function hosts(existing: readonly Host[] = [], ...lists: readonly (readonly string[] | undefined)[]): readonly Host[] {
  const known = new Set(existing.map(({ name }) => name));
  const added = new Set(lists.flatMap((list) => list ?? []).filter((name) => !known.has(name)));
  return [...existing, ...[...added].map((name) => ({ name }))];
}

function clientsOf(
  path: string | undefined,
  read: (path: string) => string,
  problems: Problem[],
  notes: Problem[],
): readonly string[] | undefined {
  if (path === undefined) return undefined;
  const file = readClientsFile(read(path), path);
  problems.push(...file.problems);
  if (file.unused.length > 0) {
    const columns = file.unused.map((column) => JSON.stringify(column)).join(', ');
    notes.push({ code: 'csv-unused', message: `"${path}": columns ${columns} are not used` });
  }
  if (file.names.length === 0 && file.problems.length === 0) {
    problems.push({ code: 'clients-file-empty', message: `"${path}" names no client` });
  }
  const named = file.names.map(({ text, line }) => ({ text, where: { file: path, line, column: 1 } }));
  return readNames(named, { problems, notes, source: '--clients-file' });
}

interface Sides {
  readonly config: Given;
  readonly flags: Given;
  /** Both, flags first. */
  readonly given: Given;
}

function settingsOf(sources: AnswerSources, sides: Sides, problems: Problem[], notes: Problem[]): Settings {
  const { given } = sides;
  const before: Partial<Settings> = sources.existing?.settings ?? {};
  const version = (presetName: string | undefined) => sources.presets.find(({ name }) => name === presetName)?.version;
  // A preset named now outranks the version of an earlier run: naming it is how one changes the version.
  const serverVersion =
    sides.flags.postfix ?? version(sides.flags.os) ?? sides.config.postfix ?? version(sides.config.os);
  const clientVersion =
    sides.flags.clientPostfix ??
    version(sides.flags.clientOs) ??
    sides.config.clientPostfix ??
    version(sides.config.clientOs);
  const postfix = serverVersion ?? before.postfix ?? assumedVersion(sources.detected, notes);
  const clientPostfix = clientVersion ?? before.clientPostfix ?? postfix;
  if (serverVersion !== undefined && clientVersion === undefined && before.clientPostfix === undefined) {
    notes.push({ code: 'client-postfix-assumed', message: `the clients are taken to run Postfix ${postfix} as well` });
  }
  const policy = given.policy ?? before.policy ?? (isBefore(postfix, '2.10') ? 'recipient' : 'relay');
  const os = given.os ?? before.os;
  const clientOs = given.clientOs ?? before.clientOs;
  const tableType = given.tableType ?? before.tableType ?? '';
  const dedicatedPort = given.dedicatedPort ?? before.dedicatedPort ?? 0;
  problems.push(...portConflict(dedicatedPort, given.relayPort));
  // With files again, nobody is told where a database is that nobody asks.
  const isInDatabase = tableType === databaseType;
  const database = given.database ?? (isInDatabase ? before.database : undefined);
  const databaseCa =
    textOf(given.databaseCa, sources.read, checkIssuer, problems) ?? (isInDatabase ? before.databaseCa : undefined);
  const mynetworks = given.mynetworks ?? before.mynetworks;
  const serverCert = given.serverCert ?? before.serverCert ?? 'internal';
  const serverCa =
    textOf(given.serverCa, sources.read, checkIssuer, problems) ??
    (serverCert === 'keep' ? before.serverCa : undefined);
  const baseMainCf = baseOf(given.baseMainCf, sources.read, problems, notes) ?? before.baseMainCf;
  return {
    postfix,
    clientPostfix,
    ...(os === undefined ? {} : { os }),
    ...(clientOs === undefined ? {} : { clientOs }),
    relayPort: given.relayPort ?? before.relayPort ?? 25,
    ...(dedicatedPort === 0 ? {} : { dedicatedPort }),
    digest: given.digest ?? before.digest ?? 'sha1',
    keyType: given.keyType ?? before.keyType ?? 'ec-p256',
    days: given.days ?? before.days ?? 397,
    ...(tableType === '' ? {} : { tableType }),
    ...(database === undefined ? {} : { database }),
    ...(databaseCa === undefined ? {} : { databaseCa }),
    policy,
    // The recipient list is the final word on destinations, so its default is the final answer.
    unauthorized: given.unauthorized ?? before.unauthorized ?? (policy === 'relay' ? 'defer' : 'reject'),
    permitSasl: given.permitSasl ?? before.permitSasl ?? true,
    ...(mynetworks === undefined ? {} : { mynetworks }),
    clientLevel: given.clientLevel ?? before.clientLevel ?? 'secure',
    pin: given.pin ?? before.pin ?? 'certificate',
    serverCert,
    ...(serverCa === undefined ? {} : { serverCa }),
    ...(baseMainCf === undefined ? {} : { baseMainCf }),
    installDir: given.installDir ?? before.installDir ?? standardInstallDir,
  };
}

function assumedVersion(detected: string | undefined, notes: Problem[]): string {
  notes.push(
    detected === undefined
      ? {
          code: 'postfix-assumed',
          message: `no Postfix version was given; ${newestSeries} is assumed`,
          hint: 'say --postfix VERSION or --os PRESET, and --client-postfix or --client-os where clients differ',
        }
      : {
          code: 'postfix-detected',
          message: `no Postfix version was given; ${detected}, that of this machine, is assumed`,
          hint: 'say --postfix VERSION or --os PRESET, and --client-postfix or --client-os where clients differ',
        },
  );
  return detected ?? newestSeries;
}

function textOf(
  path: string | undefined,
  read: (path: string) => string,
  check: (text: string, file: string) => string | Problem,
  problems: Problem[],
): string | undefined {
  if (path === undefined) return undefined;
  const checked = check(read(path), path);
  if (typeof checked === 'string') return checked;
  problems.push(checked);
  return undefined;
}

function baseOf(
  path: string | undefined,
  read: (path: string) => string,
  problems: Problem[],
  notes: Problem[],
): string | undefined {
  const text = textOf(path, read, checkBase, problems);
  if (text === undefined) return undefined;
  const base = withoutSecrets(text);
  if (base.removed) {
    notes.push({ code: 'base-main-cf-secrets', message: `"${path}": passwords in it were left out of the inventory` });
  }
  return base.text;
}
