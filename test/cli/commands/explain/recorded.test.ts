import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { workbench } from './workbench.ts';

/** One set-up of a recording: the configuration that real Postfix had, and what it logged of one delivery. */
interface SetUp {
  readonly name: string;
  readonly mainCf: string;
  readonly log: string;
}

function recording(version: string) {
  const text = readFileSync(new URL(`../../../fixtures/explain/postfix-${version}.txt`, import.meta.url), 'utf8');
  const sections = text.split(/^== /m).slice(1);
  const section = (name: string) => sections.find((each) => each.startsWith(`${name}\n`))?.slice(name.length + 1) ?? '';
  const setUps = sections.flatMap((each): SetUp[] => {
    const match = /^set-up: (.*)\n-- main\.cf\n(.*)-- mail\.log\n(.*)$/s.exec(each);
    return match === null ? [] : [{ name: match[1] ?? '', mainCf: match[2] ?? '', log: match[3] ?? '' }];
  });
  return { table: section('relay_clientcerts'), masterCf: section('master.cf'), setUps };
}

/** What decided in each set-up, and how the server answered; the log of the last has no session. */
const expected: Readonly<Record<string, readonly [code: number, decider: string] | 'dies' | 'no reply'>> = {
  'default relay list, loglevel 0': [454, 'defer_unauth_destination'],
  'default relay list, loglevel 1': [454, 'defer_unauth_destination'],
  'default relay list, loglevel 2': [454, 'defer_unauth_destination'],
  'default relay list, loglevel 3': [454, 'defer_unauth_destination'],
  permitted: [250, ''],
  'permitted twice': [250, ''],
  'self-signed': [554, 'reject_unauth_destination'],
  'no certificate': [554, 'reject_unauth_destination'],
  'sha256 digest: 554': [554, 'reject_unauth_destination'],
  'connect reject, port logging': [554, 'reject'],
  'key mismatch': [554, 'reject_unauth_destination'],
  'ask_ccert no': [554, 'reject_unauth_destination'],
  'submission port': [554, 'reject'],
  'client cannot verify server': 'no reply',
  'soft bounce, footer': [454, 'reject_unauth_destination'],
  'req_ccert, self-signed': [421, ''],
  'no reject': 'dies',
};

describe.each(['3.5', '3.7', '3.10'])('what real Postfix %s logged', (version) => {
  const { table, masterCf, setUps } = recording(version);
  const bench = workbench({ 'master.cf': masterCf, relay_clientcerts: table });

  it('is all expected', () => {
    expect(setUps.map(({ name }) => name).sort()).toEqual(Object.keys(expected).sort());
  });

  it.each(setUps)('$name: the simulator gets the reply of the log', async ({ name, mainCf, log }) => {
    bench.write('main.cf', mainCf);
    bench.write('mail.log', log);
    const document = await bench.document(['main.cf', 'master.cf', 'relay_clientcerts', 'mail.log'], {
      postfix: version,
    });
    const wanted = expected[name];
    if (wanted === 'dies' || wanted === 'no reply') {
      expect(document.sessions).toEqual([]);
      return;
    }
    expect(document.sessions.length).toBeGreaterThan(0);
    for (const session of document.sessions) {
      expect([session.agreement, session.missing], JSON.stringify(session)).toEqual(['same', []]);
    }
    const [first] = document.sessions;
    expect(first?.logged?.code).toBe(wanted?.[0]);
    expect(first?.decidedBy?.restriction ?? '').toBe(wanted?.[1]);
    expect(first?.service).toBe(name === 'submission port' ? '2587' : 'smtp');
  });
});
