import { readFileSync } from 'node:fs';
import { decide } from '../../../src/policy/policy.ts';
import { makeCertificates, withFingerprints } from './certificates.ts';
import { compare, type Outcome } from './compare.ts';
import { enclose, ground } from './enclosure.ts';
import { generated } from './generate/generate.ts';
import { NameServer } from './name-server.ts';
import { type Played, Postfix } from './real-server.ts';
import { type Case, scenarioOf } from './scenario.ts';
import { shrink } from './shrink.ts';
import { SystemLog } from './system-log.ts';

/** What a worker is told, as JSON in its first argument. */
export interface Task {
  readonly root: string;
  readonly seed: number;
  /** Configurations from `first` on, every `step`th, until `count` sessions have been played by all workers. */
  readonly first: number;
  readonly step: number;
  readonly configurations: number;
  readonly sessions: number;
  /** Stops after so many seconds. */
  readonly seconds: number;
  readonly shrinks: number;
  /** Plays these cases instead, a JSON object a line. */
  readonly cases?: string;
  /** Reports what was played, too, for later simulators to be compared with. */
  readonly records?: boolean;
}

/** One line of a worker's report. */
export type Report =
  | { readonly event: 'ready'; readonly version: string }
  | {
      readonly event: 'tally';
      readonly same: number;
      readonly unknown: number;
      readonly silent: number;
      readonly different: number;
    }
  | ({ readonly event: 'recording' } & Recording)
  | {
      readonly event: 'finding';
      readonly index: number;
      readonly outcome: Outcome;
      readonly case: Case;
      readonly scenario: unknown;
      readonly log: readonly string[];
    };

/** What a real server did with a scenario. */
export interface Recording {
  readonly index: number;
  readonly scenario: unknown;
  readonly played: Pick<Played, 'replies' | 'fatal'> & { readonly silent: string | null };
  readonly early: boolean;
}

function report(line: Report): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function main(task: Task): Promise<void> {
  enclose(task.root);
  const pool = await makeCertificates(new Date());
  const log = await SystemLog.start(`${ground}/dev/log`);
  const names = await NameServer.start();
  const postfix = await Postfix.start(task.root, pool, log, names);
  report({ event: 'ready', version: postfix.version });

  const play = async (each: Case, configured: boolean) => {
    if (!configured) await postfix.configure(each.configuration);
    let played = await postfix.play(each.session, each.world);
    // A login that ends the connection is no part of a scenario; what the client does without one is.
    if (played.cutOff) played = await postfix.play({ ...each.session, sasl: null }, each.world);
    // A scenario says that a client is logged in. Where the server does not let it, it is not.
    const session = played.authenticated ? each.session : { ...each.session, sasl: null };
    const scenario = scenarioOf({ ...each, session }, postfix.version);
    return { played, scenario, outcome: compare(played, decide(scenario), each.session.early === true) };
  };
  const tally = { same: 0, unknown: 0, silent: 0, different: 0 };
  let shrunk = 0;
  const judge = async (index: number, each: Case, configured: boolean) => {
    let { played, scenario, outcome } = await play(each, configured);
    // Again and alone: a busy machine is no disagreement. A client that says everything at once races with the greeting.
    for (let tries = each.session.early === true ? 5 : 1; tries > 0 && outcome.kind === 'different'; tries--) {
      await postfix.configure(each.configuration);
      ({ played, scenario, outcome } = await play(each, true));
    }
    tally[outcome.kind] += 1;
    if (task.records === true) {
      const { replies, fatal, silent } = played;
      const early = each.session.early === true;
      report({ event: 'recording', index, scenario, played: { replies, fatal, silent: silent ?? null }, early });
    }
    if (outcome.kind === 'same') return;
    let smallest = each;
    if (outcome.kind === 'different' && shrunk < task.shrinks) {
      shrunk += 1;
      smallest = await shrink(each, async (smaller) => (await play(smaller, false)).outcome.kind === 'different');
      ({ played, scenario, outcome } = await play(smallest, false));
      await postfix.configure(each.configuration);
    }
    report({
      event: 'finding',
      index,
      outcome,
      case: smallest,
      scenario,
      log: played.log,
    });
  };

  if (task.cases !== undefined) {
    const lines = readFileSync(task.cases, 'utf8').split('\n').filter(Boolean);
    for (const [index, line] of lines.entries()) await judge(index, JSON.parse(line) as Case, false);
  } else {
    const end = Date.now() + task.seconds * 1000;
    for (let index = task.first; index < task.configurations && Date.now() < end; index += task.step) {
      const { configuration, sessions } = generated(
        task.seed,
        index,
        task.sessions,
        (text) => withFingerprints(text, pool),
        pool,
      );
      await postfix.configure(configuration);
      for (const { session, world } of sessions) await judge(index, { configuration, session, world }, true);
      if (index % 20 === task.first) report({ event: 'tally', ...tally });
    }
  }
  report({ event: 'tally', ...tally });
  await postfix.stop();
  process.exit(0);
}

await main(JSON.parse(process.argv[2] ?? '{}') as Task);
