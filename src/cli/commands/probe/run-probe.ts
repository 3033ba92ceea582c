import { resolve } from 'node:path';
import type { Credential } from '../../../hosts/probe/credential.ts';
import { credentialOf, unlistedCredential } from '../../../hosts/probe/credential.ts';
import { type Played, play } from '../../../hosts/probe/dialogue.ts';
import { judge, type ProbedSession, type Role } from '../../../hosts/probe/judge.ts';
import { placeText, readPlace } from '../../../hosts/probe/place.ts';
import type { ProbeRequest } from '../../../hosts/probe/predict.ts';
import { oracleFor } from '../../../hosts/probe/predict.ts';
import type { KnownServer } from '../../../hosts/probe/server-certificate.ts';
import { certified, checkServer } from '../../../hosts/probe/server-certificate.ts';
import { disk } from '../../../lib/files/operations.ts';
import { CertrelayError, type ExitName, exitCodes, type Problem, usage } from '../../../lib/problem.ts';
import { inUseEvents } from '../../../provision/rotation/seen-in-use.ts';
import { clientPort } from '../../../provision/settings/service-port.ts';
import { settle } from '../../../provision/state/settle.ts';
import { loadState } from '../../../provision/state/store.ts';
import { probeText } from '../../../report/probe.ts';
import { probeDocument } from '../../../report/probe-document.ts';
import type { ProbeReport } from '../../../report/probe-words.ts';
import type { Io, Options } from '../../command.ts';
import { withLock } from '../../lock.ts';
import { existingState, outOf } from '../../state.ts';
import { failure } from './failure.ts';
import { knownServer } from './known-server.ts';
import { credentialRequestOf, placeOf, probeRequestOf } from './request.ts';

type State = ReturnType<typeof existingState>;

/** certrelay probe, from arguments to the exit code. */
export async function runProbe(args: readonly string[], options: Options, io: Io): Promise<number> {
  refuseStray(options);
  const { host } = readPlace(args[0] ?? '', undefined, false);
  const state = stateFor(host, options, io);
  const known = knownServer(host, options, state, io);
  const place = placeOf(
    args,
    options,
    known.inSetUp && state !== undefined ? clientPort(state.inventory.settings) : undefined,
  );
  const credential = credentialOf(credentialRequestOf(options, io.cwd), state);
  const request = probeRequestOf(options, place, credential);
  if (options.record === true && state !== undefined) checkRecord(credential, state);
  const roles: readonly Role[] = [
    ...(credential === undefined ? [] : [{ id: 'listed', credential } as const]),
    { id: 'no-certificate', credential: undefined },
    { id: 'stranger', credential: await unlistedCredential(io.now(), io.random) },
  ];
  const sessions = await playAll(roles, known, request);
  const tls = sessions.find(({ played }) => played.tls !== undefined)?.played.tls;
  const report: ProbeReport = {
    ...{ place, sessions, configFrom: known.configFrom, notes: known.notes, recorded: undefined },
    client:
      credential === undefined
        ? undefined
        : { holder: credential.holder, ...certified(credential.facts.der), trusted: credential.trusted },
    server: tls === undefined ? undefined : checkServer(tls, known),
    outcome: 'done',
  };
  const outcome = outcomeOf(report);
  const mayRecord = options.record === true && credential !== undefined && outcome === 'done';
  const recorded = mayRecord ? await record(credential, options, io) : undefined;
  const whole: ProbeReport = { ...report, outcome, recorded };
  if (options.json === true) io.stdout.write(`${JSON.stringify(probeDocument(whole), undefined, 2)}\n`);
  else if (options.quiet !== true || outcome !== 'done') io.stdout.write(probeText(whole));
  return exitCodes[outcome][0];
}

async function playAll(
  roles: readonly Role[],
  known: KnownServer,
  request: ProbeRequest,
): Promise<readonly ProbedSession[]> {
  const oracle = known.config === undefined ? undefined : oracleFor(known.config, request);
  const { authorities, name } = known;
  const sessions: ProbedSession[] = [];
  for (const role of roles) {
    const { credential } = role;
    const shown = credential === undefined ? {} : { credential };
    const played = await play({ ...request, tls: { authorities, ...shown, ...(name === undefined ? {} : { name }) } });
    if (sessions.length === 0) refuseUnreached(played, request);
    const tlsWorked = sessions.some((before) => before.played.tls !== undefined);
    const session = judge(role, played, await oracle?.(played, credential), tlsWorked);
    sessions.push(session);
    // Where there is no TLS, or the server has no time, the others would only hear the same.
    const { outcome } = played;
    if (outcome.kind === 'failed' && session.isMet === undefined) break;
    if (outcome.kind === 'refused' && played.tls === undefined) break;
  }
  return sessions;
}

/** A server of which nothing was seen at all is no result. */
function refuseUnreached({ outcome, exchanges, tls }: Played, { place }: ProbeRequest): void {
  if (outcome.kind !== 'failed') return;
  const { trouble } = outcome;
  if (trouble.code === 'own-certificate') throw failure('usage', trouble, placeText(place));
  if (exchanges.length === 0 && tls === undefined) throw failure('failure', trouble, placeText(place));
}

/** What is wrong counts for more than what could not be seen. */
function outcomeOf({ sessions, server }: ProbeReport): ExitName {
  const isWrong = sessions.some(({ isMet, agreement }) => isMet === false || agreement.kind === 'differs');
  if (isWrong || server?.isMet === false) return 'denied';
  return sessions.some(({ isMet }) => isMet === undefined) ? 'failure' : 'done';
}

/** The state, where it is named or what was asked for needs it, or where the host is one of its servers. */
function stateFor(host: string, options: Options, io: Io): State | undefined {
  if (options.out !== undefined || options.as !== undefined || options.record === true)
    return existingState(options, io);
  const { inventory } = loadState(resolve(io.cwd, outOf(options)), disk);
  const named = typeof options.server === 'string' ? options.server : host;
  const isOurs = inventory?.servers.some(({ name }) => name === named.toLowerCase()) ?? false;
  return isOurs ? existingState(options, io) : undefined;
}

function refuseStray(options: Options): void {
  const stray = ['masterCf', 'service', 'table', 'postfix'].find((name) => options[name] !== undefined);
  if (stray === undefined || options.mainCf !== undefined) return;
  const flag = `--${stray.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  throw usage('main-cf-missing', `${flag} goes with --main-cf`, 'without it, the rendered configuration predicts');
}

/** Refuses what could not be noted, before anybody is asked anything. @throws CertrelayError (usage) */
function checkRecord(credential: Credential | undefined, { state }: State): void {
  if (credential === undefined)
    throw usage('record-nothing', '--record notes that a certificate is in use, and none is shown', 'give --as NAME');
  const { sha256 } = credential.facts.fingerprint;
  if (state.certificates.every(({ fingerprint }) => fingerprint.sha256 !== sha256))
    throw usage(
      'record-unknown',
      `the ledger does not have the certificate of "${credential.holder}"`,
      'only what this set-up issued or listed can be noted as in use; --out names another',
    );
}

/**
 * Notes in the ledger that the certificate is in use; what waited for that falls due. Answers with whether it was news.
 * @throws CertrelayError when another run holds the lock.
 */
async function record({ facts }: Credential, options: Options, io: Io): Promise<boolean> {
  return withLock('certrelay probe', options, io, async () => {
    const stored = existingState(options, io);
    const seen = { fingerprints: new Set([facts.fingerprint.sha256]), lines: 1 };
    const events = inUseEvents(seen, stored.state, io.now());
    if (events.length === 0) return false;
    const settled = await settle(stored, { inventory: stored.inventory, events, keys: [] });
    if (settled.written) return true;
    const problem: Problem = {
      code: 'record-refused',
      message: 'nothing was noted: the set-up as it is cannot be proved',
      hint: 'see "certrelay verify"',
    };
    throw new CertrelayError(settled.proof === 'broken' ? 'denied' : 'unknown', problem);
  });
}
