import { readTextIfAny } from '../../lib/files/read.ts';
import { type Problem, usage } from '../../lib/problem.ts';
import { type SmtpServers, smtpServersOf } from '../../policy/postfix/smtp-services.ts';
import { parseVersion, type Version } from '../../policy/postfix/version.ts';
import type { ServerVerification } from '../../provision/verify/verify.ts';
import { isPortInUse, mayListen } from '../programs/ports.ts';
import { wrongAnswer } from './answers.ts';
import { dedicatedServiceOf } from './dedicated-service.ts';
import { type HostTexts, hostTexts } from './host-texts.ts';
import { type Listener, listenersOf } from './listeners.ts';
import type { Located } from './locate.ts';
import { type Pending, pendingOf, settingsUnlessSet } from './pending.ts';
import { listedIdentities, proofOf } from './proof.ts';
import type { HostFolder } from './read-folder.ts';
import { hiddenBy, readOverrides } from './refusals/hidden.ts';
import { lossOf } from './refusals/losses.ts';
import { portTaken } from './refusals/port-taken.ts';
import type { Refusal } from './refusals/refusal.ts';
import { type Accepted, takenOver } from './refusals/taken-over.ts';
import { type Rehearsal, rehearse } from './rehearse.ts';
import { checkNoRepairCutOff } from './repair.ts';
import { checkRightHost, tableType } from './right-host.ts';
import { askedName, checkPasswords, mailOwnerOf, settingsWithElements } from './shared-table.ts';
import { readTarget, type Target } from './target.ts';

/** What the operator says about a host that is to get a folder. */
export interface SurveyRequest extends Accepted {
  /** The host that the folder is for, where this one calls itself otherwise. */
  readonly host: string | undefined;
}

/** Everything that is known before anything is changed. */
export interface Survey {
  readonly target: Target;
  readonly pending: Pending;
  readonly rehearsal: Rehearsal;
  /** Settings that give way to the host's own. */
  readonly unlessSet: readonly { readonly name: string; readonly value: string }[];
  /** The host's own lists, each with the element that the folder adds. */
  readonly elements: readonly { readonly name: string; readonly value: string }[];
  readonly version: Version;
  readonly listeners: readonly Listener[];
  readonly runs: boolean;
  /** Why this host must not get the folder as it is; undefined when it may. */
  readonly refusal: Refusal | undefined;
  readonly notices: readonly Problem[];
  /** Judges a configuration of this host beside the present one; no rows for a host that is no server. */
  judge(after: HostTexts): readonly ServerVerification[];
}

/**
 * Looks at the host, works out what is due, and has the host's own postconf make the edits on copies.
 * @throws CertrelayError when the folder is not for this host.
 */
export function survey(folder: HostFolder, located: Located, request: SurveyRequest): Survey {
  const { manifest } = folder;
  const { programs, config } = located;
  checkRightHost(manifest, located, request.host);
  const mailOwner = manifest.tables.length === 0 ? undefined : mailOwnerOf(programs);
  if (mailOwner !== undefined) checkPasswords(manifest, mailOwner);
  const target = readTarget(manifest, located, mailOwner?.gid);
  const version = versionOf(located);
  checkNoRepairCutOff(target.backups);
  const facts = {
    tableType: (type: string) => tableType(type, located),
    answering: answering(folder, located, target, version),
    networksStyle: programs.expanded('mynetworks_style'),
    elements: settingsWithElements(manifest, (name) => programs.value(name)),
  };
  const pending = pendingOf(folder, target, facts);
  const rehearsal = rehearse(programs, pending);
  const before = hostTexts(programs);
  const servers: SmtpServers =
    manifest.relayPort === undefined
      ? { reached: [], others: [] }
      : smtpServersOf(rehearsal.texts.masterCf, version, manifest.relayPort);
  const listed = listedIdentities(folder);
  const runs = programs.runs();
  const found = takenOver(folder, target, { located, version, accepted: request });
  return {
    ...{ target, pending, rehearsal, unlessSet: settingsUnlessSet(manifest, target, facts) },
    ...{ elements: facts.elements, version },
    listeners: listenersOf(servers, programs, dedicatedServiceOf(manifest)),
    runs,
    refusal: refusalOf(folder, target, servers, version) ?? found.refusal,
    notices: [...noticesOf(folder, located, servers), ...found.notices],
    judge: (after) => {
      const tables = { ...after.tables, ...before.tables, ...ownTables(folder) };
      return manifest.relayPort === undefined
        ? []
        : proofOf({ manifest, version: version.text, listed, servers, before, after: { ...after, tables } });
    },
  };

  function refusalOf(
    { manifest: { settings, isClient, services } }: HostFolder,
    { set, owned }: Target,
    { reached }: SmtpServers,
    known: Version,
  ): Refusal | undefined {
    const loss =
      manifest.relayPort === undefined
        ? undefined
        : lossOf(manifest, { version: known, set, owned, expanded: (name) => programs.expanded(name) });
    if (loss !== undefined) return loss;
    const taken = portTaken(manifest, target, {
      isInUse: (port) => isPortInUse(port, readTextIfAny),
      mayListen: (port) => mayListen(port, (program, ...args) => programs.system(program, ...args)),
      runs,
    });
    if (taken !== undefined) return taken;
    const own = new Set(services.map(({ service }) => service));
    const meant = [...reached.map(({ service }) => service), ...(isClient ? ['smtp/unix'] : [])].filter(
      (service) => !own.has(service),
    );
    return hiddenBy(meant, readOverrides(programs.postconf('-P').stdout), settings, config);
  }
}

/** The release that the simulator is to be; a snapshot or a patch level that is newer than this program is its minor release. */
function versionOf({ version, major, minor }: Located): Version {
  const exact = parseVersion(/^\d+\.\d+\.\d+/.exec(version)?.[0] ?? version);
  const known = 'code' in exact ? parseVersion(`${major}.${minor}`) : exact;
  if ('code' in known) throw usage(known.code, known.message, known.hint);
  return known;
}

/** Files whose table on the host answers to every key as the folder says. */
function answering(folder: HostFolder, located: Located, target: Target, version: Version): ReadonlySet<string> {
  const { manifest, files } = folder;
  const right = manifest.maps.filter(({ type, path, file }) => {
    const source = files.get(file);
    if (source === undefined || target.installed.get(file)?.content.equals(source) !== true) return false;
    return wrongAnswer(located.programs, `${tableType(type, located)}:${path}`, source, version) === undefined;
  });
  return new Set(right.map(({ file }) => file));
}

/** The folder's tables by their paths on the host. */
function ownTables({ manifest, files }: HostFolder): Readonly<Record<string, string>> {
  const text = (file: string) => files.get(file)?.toString('utf8') ?? '';
  return Object.fromEntries([
    ...manifest.maps.map(({ path, file }) => [path, text(file)]),
    ...manifest.tables.map((table) => [askedName(table), text(table.file)]),
  ]);
}

function noticesOf(
  { manifest }: HostFolder,
  { programs, config }: Located,
  { reached }: SmtpServers,
): readonly Problem[] {
  if (manifest.relayPort === undefined) return [];
  const notices: Problem[] = [];
  if (reached.length === 0) {
    notices.push({
      code: 'no-listener',
      message: `no smtpd in ${config}/master.cf listens on port ${manifest.relayPort}`,
    });
  }
  if (/^(?:loopback-only|localhost|127\.0\.0\.1)$/.test(programs.value('inet_interfaces'))) {
    notices.push({ code: 'loopback-only', message: 'inet_interfaces lets nobody in from other hosts' });
  }
  return notices;
}
