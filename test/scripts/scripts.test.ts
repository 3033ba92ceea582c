import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/policy.ts';
import { atLeast, parseVersion } from '../../src/postfix/version.ts';
import { readScript, type ScriptSession, type Step } from './script.ts';

const folder = new URL('./', import.meta.url);
const scripts = readdirSync(folder).filter((name) => name.endsWith('.smtpd'));

/** The reply that a step expects of a release; a step without one for it is a mistake in the script. */
function expectedOf(step: Step, version: string): string {
  const release = parseVersion(version);
  if ('code' in release) throw new Error(release.message);
  const { major, minor } = release;
  const found = step.expected.find(({ from, to }) => atLeast(release, from) && notAbove(`${major}.${minor}`, to));
  if (found === undefined)
    throw new Error(`line ${step.line}: "${step.command}" expects nothing of Postfix ${version}`);
  return found.reply;
}

function notAbove(minor: string, limit: string): boolean {
  const release = parseVersion(limit);
  return !('code' in release) && atLeast(release, minor);
}

/** The transcript of a session as it should be, and as it is. */
function play(session: ScriptSession, version: string): { readonly expected: string[]; readonly actual: string[] } {
  const answer = decide({
    postfix: version,
    mainCf: session.mainCf,
    masterCf: session.masterCf ?? null,
    tables: session.tables,
    ...session.world,
    session: session.session,
  });
  if ('error' in answer) throw new Error(answer.error.message);
  const replies = [...answer.replies];
  const expected: string[] = [];
  const actual: string[] = [];
  for (const step of session.steps) {
    const wanted = expectedOf(step, version);
    const stage = stages[step.command.split(' ', 1)[0] ?? ''];
    // Commands that the script leaves out have replies, too.
    while (replies[0] !== undefined && replies[0].stage !== stage) replies.shift();
    const reply = replies.shift();
    const full =
      reply === undefined
        ? answer.verdict === 'fatal'
          ? (answer.fatal ?? '')
          : '-'
        : [reply.code, reply.enhanced, reply.text].filter(Boolean).join(' ').replaceAll('\n', '\\n');
    const got = answer.verdict === 'unknown' ? `unknown: ${answer.missing.join(', ')}` : full;
    expected.push(`${step.line}: ${step.command} -> ${wanted}`);
    actual.push(
      `${step.line}: ${step.command} -> ${/^\d{3}$/.test(wanted) && /^\d{3}( |$)/.test(got) ? got.slice(0, 3) : got}`,
    );
  }
  return { expected, actual };
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

describe('transcripts', () => {
  it('are here', () => expect(scripts.length).toBeGreaterThan(10));

  describe.each(scripts)('%s', (name) => {
    for (const session of readScript(readFileSync(new URL(name, folder), 'utf8'))) {
      it.each(session.versions)(`${session.name}: Postfix %s`, (version) => {
        const { expected, actual } = play(session, version);
        expect(expected.length).toBeGreaterThan(0);
        expect(actual).toEqual(expected);
      });
    }
  });
});
