import { readdirSync, readFileSync } from 'node:fs';
import type { Batch, decide } from '../../../src/policy/policy.ts';
import { atLeast, parseVersion } from '../../../src/policy/postfix/version.ts';
import { type Expectation, readScript, type ScriptSession, type Step } from './script.ts';

/** A transcript beside what came of it: line by line, so that a difference shows where it is. */
export interface Transcript {
  readonly expected: readonly string[];
  readonly actual: readonly string[];
}

/** What somebody did in a session, as far as a script can say it. */
export interface Performance {
  readonly replies: readonly {
    readonly stage: string;
    readonly code: number;
    readonly enhanced?: string;
    readonly text?: string;
  }[];
  /** What stands in the place of a reply that did not come, e.g. `fatal: …`; `-` where nothing is to be said. */
  readonly end: string;
  /** Actions on the message, in order. */
  readonly effects: readonly string[];
}

/** The scripts of a folder by their names. */
export function readScripts(folder: string): readonly (readonly [name: string, sessions: readonly ScriptSession[]])[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.smtpd'))
    .map((name) => [name, readScript(readFileSync(`${folder}/${name}`, 'utf8'))]);
}

/** A session of a script as a scenario of the batch. */
export function scenarioOf(session: ScriptSession, version: string): Readonly<Record<string, unknown>> {
  return {
    postfix: version,
    mainCf: session.mainCf,
    masterCf: session.masterCf ?? null,
    tables: session.tables,
    ...session.world,
    session: session.session,
  };
}

/** The answer of a traced simulator, without the trace: the whole of what an untraced one has to answer. */
export function traced(batch: Batch, scenario: unknown): ReturnType<typeof decide> {
  const answer = batch.decide(scenario, { trace: true });
  if ('error' in answer) return answer;
  const { trace: _, ...rest } = answer;
  return rest;
}

/** What the simulator did. */
export function performed(answer: ReturnType<typeof decide>): Performance {
  if ('error' in answer) return { replies: [], end: `error: ${answer.error.message}`, effects: [] };
  const { verdict, replies, fatal, missing, effects } = answer;
  if (verdict === 'unknown') return { replies: [], end: `unknown: ${missing.join(', ')}`, effects: [] };
  return {
    replies,
    end: verdict === 'fatal' ? (fatal ?? 'fatal: ') : '-',
    effects: effects.map(({ action }) => action),
  };
}

/** A session as its script wants it, and as it was performed. */
export function transcriptOf(session: ScriptSession, version: string, performance: Performance): Transcript {
  const replies = [...performance.replies];
  const expected: string[] = [];
  const actual: string[] = [];
  for (const step of session.steps) {
    const wanted = expectedOf(step, version);
    const stage = stages[step.command.split(' ', 1)[0] ?? ''];
    // Commands that the script leaves out have replies, too.
    while (replies[0] !== undefined && replies[0].stage !== stage) replies.shift();
    const reply = replies.shift();
    const full = reply === undefined ? performance.end : text(reply);
    // Success is told by its code alone, where the script does not say more.
    const got = /^\d{3}$/.test(wanted) && /^\d{3}( |$)/.test(full) ? full.slice(0, 3) : full;
    expected.push(`${step.line}: ${step.command} -> ${wanted}`);
    actual.push(`${step.line}: ${step.command} -> ${got}`);
  }
  if (session.effects !== undefined) {
    expected.push(`effects -> ${among(session.effects, version)?.reply ?? 'nothing is expected'}`);
    actual.push(`effects -> ${performance.effects.join(' ') || '-'}`);
  }
  return { expected, actual };
}

function text({ code, enhanced, text }: Performance['replies'][number]): string {
  return [code, enhanced, text].filter(Boolean).join(' ').replaceAll('\n', '\\n');
}

const stages: Readonly<Record<string, string>> = {
  CONNECT: 'connect',
  EHLO: 'helo',
  HELO: 'helo',
  STARTTLS: 'starttls',
  ETRN: 'etrn',
  VRFY: 'vrfy',
  MAIL: 'mail',
  RCPT: 'rcpt',
  DATA: 'data',
  '.': 'end-of-data',
};

/** The reply that a step expects of a release; a step without one for it is a mistake in the script. */
function expectedOf(step: Step, version: string): string {
  const found = among(step.expected, version);
  if (found === undefined)
    throw new Error(`line ${step.line}: "${step.command}" expects nothing of Postfix ${version}`);
  return found.reply;
}

function among(expectations: readonly Expectation[], version: string): Expectation | undefined {
  const release = parseVersion(version);
  if ('code' in release) throw new Error(release.message);
  const { major, minor } = release;
  return expectations.find(({ from, to }) => atLeast(release, from) && notAbove(`${major}.${minor}`, to));
}

function notAbove(minor: string, limit: string): boolean {
  const release = parseVersion(limit);
  return !('code' in release) && atLeast(release, minor);
}
