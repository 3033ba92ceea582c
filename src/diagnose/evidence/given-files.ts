import { closeSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { constants, gunzipSync } from 'node:zlib';
import { readText } from '../../lib/files/read.ts';
import { CertrelayError, usage } from '../../lib/problem.ts';
import { type FileKind, isGzip, looksLikeClient, sniff, sniffedLength } from './read-kind.ts';

/** A text file as the user named it. */
export interface GivenText {
  readonly name: string;
  readonly path: string;
  readonly text: string;
}

/** The files to read, by name. */
export interface FilesRequest {
  /** Files whose content says what they are. */
  readonly unnamed?: readonly string[] | undefined;
  readonly mainCf?: string | undefined;
  readonly clientMainCf?: string | undefined;
  readonly masterCf?: string | undefined;
  /** Each as `PATH=FILE`. */
  readonly tables?: readonly string[] | undefined;
  readonly logs?: readonly string[] | undefined;
  /** True where a session is described: main.cf is then the server's, whatever it sets. */
  readonly hasSession?: boolean | undefined;
}

/** Everything that was given, sorted by kind; names as the user wrote them. */
export interface GivenFiles {
  readonly server?: GivenText;
  readonly client?: GivenText;
  readonly master?: GivenText;
  /** Tables that the option names, and tables that are still to be matched. */
  readonly tables: readonly { readonly path: string; readonly source: GivenText }[];
  readonly unnamedTables: readonly GivenText[];
  readonly logs: readonly string[];
  readonly certificates: readonly string[];
  readonly keys: readonly string[];
  /** `--main-cf` named a configuration that sets a client's parameters and none of a server's. */
  readonly takenForClient?: true;
}

/** Reads the files that were named, and detects by content what the other files are. Throws a CertrelayError. */
export function givenFiles(request: FilesRequest, cwd: string): GivenFiles {
  const read = (name: string): GivenText => {
    const path = resolve(cwd, name);
    const text = readText(path);
    // A compiled table is easily given for its source.
    if (text.includes('\0')) {
      const found = sniff(headOf(path, name), name);
      if ('problem' in found) throw new CertrelayError('usage', found.problem);
    }
    return { name, path, text };
  };
  const sorted = sort(request.unnamed ?? [], cwd);
  const byKind = (kind: FileKind) => sorted.filter((each) => each.kind === kind).map(({ name }) => name);
  const configurations = byKind('main.cf').map(read);
  const named = configuration(request.mainCf, read);
  const client = configuration(request.clientMainCf, read);
  const isClients = named !== undefined && client === undefined && isClientAlone(request, named.text);
  const server = isClients ? undefined : named;
  const sides = tellApart(configurations, server, isClients ? named : client);
  const [master, ...masters] = [request.masterCf, ...byKind('master.cf')].filter((name) => name !== undefined);
  if (masters.length > 0) throw tooMany('master.cf', [master ?? '', ...masters]);
  return {
    ...sides,
    ...(isClients ? { takenForClient: true as const } : {}),
    ...(master === undefined ? {} : { master: read(master) }),
    tables: (request.tables ?? []).map((pair) => {
      const equals = pair.indexOf('=');
      if (equals < 1) {
        const hint = 'PATH is what main.cf names, FILE the source of the table';
        throw usage('table-syntax', `--table "${pair}" is not PATH=FILE`, hint);
      }
      return { path: pair.slice(0, equals), source: read(pair.slice(equals + 1)) };
    }),
    unnamedTables: byKind('table').map(read),
    logs: [...new Set([...(request.logs ?? []), ...byKind('mail log')])],
    certificates: byKind('certificate'),
    keys: byKind('private key'),
  };
}

/** Of configurations that nobody named, which is the server's, and which the client's. */
function tellApart(
  found: readonly GivenText[],
  server: GivenText | undefined,
  client: GivenText | undefined,
): Pick<GivenFiles, 'server' | 'client'> {
  const servers = found.filter(({ text }) => !looksLikeClient(text));
  const clients = found.filter(({ text }) => looksLikeClient(text));
  const sides = {
    server: server === undefined ? servers : [server, ...servers],
    client: client === undefined ? clients : [client, ...clients],
  };
  if (sides.server.length > 1) throw tooMany('configuration of a server', names(sides.server));
  if (sides.client.length > 1) throw tooMany('configuration of a client', names(sides.client));
  const [first] = sides.server;
  const [second] = sides.client;
  return { ...(first === undefined ? {} : { server: first }), ...(second === undefined ? {} : { client: second }) };
}

function names(texts: readonly GivenText[]): readonly string[] {
  return texts.map(({ name }) => name);
}

function tooMany(what: string, files: readonly string[]): CertrelayError {
  const quoted = files.map((name) => `"${name}"`).join(' and ');
  return usage('explain-ambiguous', `more than one ${what}: ${quoted}`, 'give --main-cf and --client-main-cf');
}

function configuration(given: string | undefined, read: (name: string) => GivenText): GivenText | undefined {
  if (given === undefined) return undefined;
  const source = read(given);
  if (source.text.trim() === '') {
    throw usage('file-empty', `"${given}" is empty`, 'give main.cf, or the output of "postconf -n"');
  }
  return source;
}

/** A session or a master.cf makes it a server, whatever it sets. */
function isClientAlone({ masterCf, hasSession }: FilesRequest, text: string): boolean {
  const asServer = masterCf !== undefined || hasSession === true;
  return !asServer && !/^\s*(?:smtpd_\w+|relay_clientcerts)\s*=/m.test(text) && looksLikeClient(text);
}

/** What each of the files is; all that are of no use are named at once. */
function sort(args: readonly string[], cwd: string): readonly { readonly name: string; readonly kind: FileKind }[] {
  const problems: CertrelayError['problems'][number][] = [];
  const sorted: { readonly name: string; readonly kind: FileKind }[] = [];
  for (const name of new Set(args)) {
    if (name === '-') {
      sorted.push({ name, kind: 'mail log' });
      continue;
    }
    const found = sniff(headOf(resolve(cwd, name), name), name);
    if ('problem' in found) problems.push(found.problem);
    else sorted.push({ name, kind: found.kind });
  }
  if (problems.length > 0) throw new CertrelayError('usage', ...problems);
  return sorted;
}

/** The first bytes of a file; of what gzip(1) made, of its content. */
function headOf(path: string, name: string): Uint8Array {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    throw unreadable(name, error);
  }
  try {
    const buffer = Buffer.alloc(sniffedLength);
    const head = buffer.subarray(0, readSync(descriptor, buffer, 0, sniffedLength, 0));
    return isGzip(head) ? beginningOf(head) : head;
  } catch (error) {
    throw unreadable(name, error);
  } finally {
    closeSync(descriptor);
  }
}

function beginningOf(head: Uint8Array): Uint8Array {
  // The end is missing, which is not an error here.
  return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH });
}

/** The system's error, without its own spelling of the path. */
export function unreadable(name: string, error: unknown): CertrelayError {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    EACCES: 'permission denied',
    EISDIR: 'it is a folder',
  };
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = reasons[code] ?? (error instanceof Error ? error.message : String(error));
  return usage('file-unreadable', `cannot read "${name}": ${reason}`);
}
