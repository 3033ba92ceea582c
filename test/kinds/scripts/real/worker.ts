import { enclose, ground } from '../../differential/enclosure.ts';
import { NameServer } from '../../differential/name-server.ts';
import { type Played, Postfix } from '../../differential/real-server.ts';
import { SystemLog } from '../../differential/system-log.ts';
import { type Performance, readScripts, transcriptOf } from '../play.ts';
import type { ScriptSession } from '../script.ts';
import { asCase, shown } from './as-case.ts';
import { certificatesFor } from './certificates.ts';

/** What a worker is told, as JSON in its first argument. */
export interface Task {
  /** The folder of scripts. */
  readonly folder: string;
  /** The system with the Postfix to play to; empty for this machine's. */
  readonly root: string;
  /** Scripts to play, by name; all where there are none. */
  readonly scripts: readonly string[];
  /** Servers to play of each script, every `step`th from `first` on. */
  readonly first: number;
  readonly step: number;
}

/** A line of a worker's report: one session, or the end. */
export type Report =
  | {
      readonly event: 'session';
      readonly script: string;
      readonly name: string;
      readonly version: string;
      readonly expected: readonly string[];
      readonly actual: readonly string[];
      readonly log: readonly string[];
    }
  | { readonly event: 'end'; readonly version: string };

const task = JSON.parse(process.argv[2] ?? '{}') as Task;
const say = (report: Report): void => void process.stdout.write(`${JSON.stringify(report)}\n`);

const scripts = readScripts(task.folder).filter(([name]) => task.scripts.length === 0 || task.scripts.includes(name));
const wanted = scripts.flatMap(([, sessions]) => sessions.flatMap((session) => shown(session) ?? []));

enclose(task.root);
const pool = await certificatesFor(wanted, new Date());
const log = await SystemLog.start(`${ground}/dev/log`);
const names = await NameServer.start();
const postfix = await Postfix.start(task.root, pool, log, names);
const { version } = postfix;
const minor = version.replace(/^(\d+\.\d+).*/, '$1');

/** A script speaks of a release that it names, or that lies between two of them. */
function concerns({ versions }: ScriptSession): boolean {
  const order = (text: string) => Number(text.split('.')[0]) * 1000 + Number(text.split('.')[1]);
  const all = versions.map(order);
  return Math.min(...all) <= order(minor) && order(minor) <= Math.max(...all);
}

/** A server that is ended by a signal says nothing; what the script says of it has to do. */
const crash = 'fatal: ';

function performance({ replies, fatal, log: lines }: Played): Performance {
  const last = lines.map((line) => /^smtpd\[\d+\]: ((?:fatal|panic): .*)/.exec(line)?.[1]).find(Boolean);
  const effects = lines.map((line) => /^smtpd\[\d+\]: \w+: (\w+): [-A-Z]+ from /.exec(line)?.[1]);
  return {
    // Of success only the codes are any matter of policy, and all that the simulator says.
    replies: replies.map((reply) => (reply.code < 400 ? { ...reply, text: '' } : reply)),
    end: fatal ? (last ?? crash) : '-',
    effects: effects.flatMap((action) => (action === undefined || action === 'reject' ? [] : [action])),
  };
}

function untold(actual: string, expected: string): string {
  return expected.includes(' -> unknown: ') ? expected : actual;
}

function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 60));
}

function crashed(actual: string, expected: string): string {
  return actual.endsWith(` -> ${crash}`) && expected.startsWith(actual) ? expected : actual;
}

let server = 0;
let configured = '';
for (const [script, sessions] of scripts) {
  let before = '';
  for (const session of sessions) {
    const block = JSON.stringify([script, session.mainCf, session.masterCf, session.tables]);
    if (block !== before) server += 1;
    before = block;
    if (session.unplayed !== undefined || !concerns(session) || server % task.step !== task.first) continue;
    const each = asCase(session, version, pool);
    const play = async () => {
      const text = JSON.stringify(each.configuration);
      if (text !== configured) await postfix.configure(each.configuration);
      configured = text;
      if (session.effects === undefined) return postfix.play(each.session, each.world);
      // What the session before was about may come late, and so may what this one is about.
      await settled();
      log.take();
      const played = await postfix.play(each.session, each.world);
      await settled();
      return { ...played, log: [...played.log, ...log.take()] };
    };
    let played = await play();
    let judged = transcriptOf(session, minor, performance(played));
    // Of what nobody can foretell only the reason can be compared, where a program dies that the server asks.
    const death = judged.expected.map((line) => /, which dies: (fatal: .*)/.exec(line)?.[1]).find(Boolean);
    if (death !== undefined) {
      const silence = `silent: ${played.silent ?? 'no'}`;
      const actual = silence.endsWith(`: ${death}`) ? judged.expected : [silence, ...judged.actual];
      say({ event: 'session', script, name: session.name, version: minor, ...judged, actual, log: played.log });
      continue;
    }
    // What nobody can foretell is no expectation.
    if (judged.expected.some((line) => line.includes(' -> unknown: '))) continue;
    if (judged.actual.join('\n') !== judged.expected.join('\n')) {
      // Once more and alone: a busy machine is no disagreement.
      configured = '';
      played = await play();
      judged = transcriptOf(session, minor, performance(played));
    }
    if (judged.actual.some((line) => line.endsWith(` -> ${crash}`)))
      judged = { ...judged, actual: judged.actual.map((line, i) => crashed(line, judged.expected[i] ?? '')) };
    // What nobody can tell the server may say as it likes.
    judged = { ...judged, actual: judged.actual.map((line, i) => untold(line, judged.expected[i] ?? '')) };
    // No line of the log tells of a header that is put before a message.
    judged = {
      ...judged,
      expected: judged.expected.map((line) => line.replace(/^effects -> prepend$/, 'effects -> -')),
    };
    const silent = played.silent === undefined ? [] : [`silent: ${played.silent}`];
    say({ event: 'session', script, name: session.name, version: minor, ...judged, log: [...silent, ...played.log] });
  }
}
say({ event: 'end', version });
await postfix.stop();
process.exit(0);
