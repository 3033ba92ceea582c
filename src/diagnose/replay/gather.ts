import { type Problem, usage } from '../../lib/problem.ts';
import { type ReadContext, readClientSide, readServerSide, refuseUnnamedTables } from '../evidence/configuration.ts';
import { readCertificates } from '../evidence/credentials.ts';
import type { CertificateEvidence, ClientEvidence, Evidence, Replay, ServerEvidence } from '../evidence/evidence.ts';
import { type FilesRequest, type GivenFiles, givenFiles } from '../evidence/given-files.ts';
import type { InstalledPostfix } from '../evidence/live.ts';
import { type LogSources, readLogs } from '../evidence/logs.ts';
import { readRelease } from '../evidence/read-release.ts';
import type { SessionRequest } from '../evidence/session.ts';
import { selectSessions, sessionName } from '../evidence/sessions.ts';
import type { MailLog } from '../maillog/session.ts';
import { intendedTargets } from '../trial/targets.ts';
import { Replayer } from './replay.ts';

/** What the evidence is read from. */
export interface GatherRequest extends LogSources {
  readonly files: FilesRequest;
  /** The server's release; absent: what the files, the log or this host say. */
  readonly release?: string | undefined;
  /** The service of master.cf that the sessions are about. */
  readonly service?: string | undefined;
  /** One session, or what holds for those of the log. */
  readonly session: SessionRequest;
  /** True: look up in DNS what a verdict needs. */
  readonly resolve: boolean;
  /** The Postfix of this host, where its configuration counts; called once the files are read. */
  readonly installed?: (() => InstalledPostfix) | undefined;
  readonly now: Date;
}

/** The evidence, and what the report says about reading it. */
export interface Gathered {
  readonly evidence: Evidence;
  readonly problems: readonly Problem[];
  readonly leftOut: number;
  readonly filesAreAll: boolean;
}

/** Reads all that was given and plays every session there is. Throws a CertrelayError. */
export async function gather(request: GatherRequest, read?: MailLog): Promise<Gathered> {
  const { cwd, now, service } = request;
  const named = givenFiles(request.files, cwd);
  const live =
    request.installed === undefined
      ? undefined
      : (await import('../evidence/live.ts')).readLive(named, request.installed());
  const given = live?.given ?? named;
  if (given.server === undefined && given.client === undefined && given.logs.length === 0) throw nothingGiven(given);
  // A log from standard input can be read only once.
  const log = read ?? (await readLogs(given.logs, request));
  const problems: Problem[] = [];
  if (given.takenForClient === true) problems.push(takenForClient(given));
  const context: ReadContext = {
    ...{ given, cwd, live: live !== undefined, problems },
    ...(service === undefined ? {} : { service }),
  };
  const server = serverSide(given, request.release, log, live?.version, context);
  const client = clientSide(given, log, context);
  refuseUnnamedTables(context, [server, client]);
  const certificates = unnamedCertificates(given, [server, client], cwd);
  const base: Evidence = {
    ...(server === undefined ? {} : { server }),
    ...(client === undefined ? {} : { client }),
    ...(log === undefined ? {} : { log }),
    ...(live === undefined ? {} : { live: live.facts(server) }),
    ...{ replays: [], certificates, now },
  };
  const filesAreAll = live !== undefined;
  const { replays, leftOut } = await replaysOf(base, request, filesAreAll, problems);
  return { evidence: { ...base, replays }, problems, leftOut, filesAreAll };
}

function takenForClient({ client }: GivenFiles): Problem {
  return {
    code: 'main-cf-is-a-clients',
    message: `"${client?.name ?? ''}" sets a client's parameters (relayhost, smtp_…) and none of a server's (smtpd_…): it is taken for the client's`,
    hint: "what refused is in the configuration of the server that it sends to; --client-main-cf names a client's",
  };
}

function nothingGiven({ tables, unnamedTables, certificates, keys, master }: GivenFiles) {
  const some = tables.length + unnamedTables.length + certificates.length + keys.length > 0 || master !== undefined;
  const hint = 'give main.cf or the output of "postconf -n", tables and a mail log, or --live on the server itself';
  return some
    ? usage('explain-nothing', 'this alone tells nothing of a refusal: main.cf and the mail log are missing', hint)
    : usage('explain-nothing', 'nothing was given', hint);
}

function serverSide(
  { server, client }: GivenFiles,
  given: string | undefined,
  log: MailLog | undefined,
  live: string | undefined,
  context: ReadContext,
): ServerEvidence | undefined {
  if (server === undefined) return undefined;
  const release = readRelease({
    ...(given === undefined ? {} : { given }),
    ...(live === undefined ? {} : { live }),
    ...{ file: server.name, text: server.text },
    // With two sides, whose log it is that names a release is not known.
    ...(log?.version === undefined || client !== undefined ? {} : { log: log.version }),
  });
  return readServerSide(server, release, context);
}

function clientSide(
  { server, client }: GivenFiles,
  log: MailLog | undefined,
  context: ReadContext,
): ClientEvidence | undefined {
  if (client === undefined) return undefined;
  const release = readRelease({
    ...{ file: client.name, text: client.text },
    ...(log?.version === undefined || server !== undefined ? {} : { log: log.version }),
  });
  return readClientSide(client, release, context);
}

/** Certificates that neither side names: a client's own, where only the server's configuration is there. */
function unnamedCertificates(
  given: GivenFiles,
  sides: readonly (ServerEvidence | ClientEvidence | undefined)[],
  cwd: string,
): readonly CertificateEvidence[] {
  const known = new Set(sides.flatMap((side) => side?.certificates ?? []).map(({ file }) => file));
  return given.certificates.filter((name) => !known.has(name)).map((name) => readCertificates(name, cwd, []));
}

async function replaysOf(
  evidence: Evidence,
  request: GatherRequest,
  filesAreAll: boolean,
  problems: Problem[],
): Promise<{ replays: readonly Replay[]; leftOut: number }> {
  const { server, client, log, certificates } = evidence;
  if (server === undefined) return { replays: [], leftOut: 0 };
  const selection = await selectSessions(request.session, request.cwd, [
    ...certificates,
    ...(client?.certificates ?? []),
  ]);
  const { dns, world } = selection.given;
  const replayer = new Replayer({ server, client, known: selection.known, dns, world, filesAreAll });
  const resolved = request.resolve
    ? (all: readonly Replay[]) => resolving(all, replayer)
    : async (all: readonly Replay[]) => all;
  if (log !== undefined) {
    const { replays, leftOut } = replayer.ofLog(log, (incident) => selection.selects(incident));
    if (replays.length > 0) return { replays: await resolved(replays), leftOut };
    if (selection.selective) {
      problems.push({
        code: 'session-not-in-log',
        message: 'the log has no session of that client, sender and recipient',
      });
    }
  }
  if (selection.complete) {
    const replay = replayer.ofOptions(sessionName(selection.given), selection.given.session);
    return { replays: await resolved([replay]), leftOut: 0 };
  }
  // No session is described: play those of clients that the server evidently lists on purpose.
  const meant = log === undefined ? intendedTargets(evidence) : [];
  return {
    replays: meant.map(({ name, service, conversation }) => replayer.ofConversation(name, service, conversation)),
    leftOut: 0,
  };
}

/** DNS is asked for the sessions that come first; the names of a whole log would keep it busy. */
const mostResolved = 20;

async function resolving(replays: readonly Replay[], replayer: Replayer): Promise<readonly Replay[]> {
  const { decideResolving } = await import('../evidence/resolve.ts');
  const all: Replay[] = [];
  for (const [index, replay] of replays.entries()) {
    const open = index < mostResolved && replay.verdict.verdict === 'unknown';
    all.push(open ? await replayer.resolved(replay, (simulator, said) => decideResolving(simulator, said)) : replay);
  }
  return all;
}
