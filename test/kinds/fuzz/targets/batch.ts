import { isDeepStrictEqual } from 'node:util';
import { ScenarioReader } from '../../../../src/diagnose/evidence/scenario-reader.ts';
import { lineGroups } from '../../../../src/lib/line-groups.ts';
import { Batch } from '../../../../src/policy/policy.ts';
import { type Target, texts } from '../target.ts';
import { session } from './configuration.ts';

const scenario = {
  id: 7,
  postfix: '3.7',
  mainCf: {
    mydestination: 'localhost',
    local_recipient_maps: '',
    compatibility_level: '2',
    smtpd_relay_restrictions: 'permit_mynetworks, reject_unauth_destination',
    smtpd_recipient_restrictions:
      'check_policy_service inet:p:1, reject_unverified_sender, reject_rbl_client r.example',
  },
  masterCf: null,
  service: 'smtp',
  tables: { '/t': 'a b\n' },
  dns: { 'far.example/MX': ['10 mx.far.example'], '1.2.0.192.r.example/A': 'NXDOMAIN' },
  policy: { 'inet:p:1': { '*': 'DUNNO', 'b@far.example': null } },
  verify: { 'a@client.example.com': 'undeliverable gone' },
  session,
};

function decided(value: unknown): void {
  const answer = new Batch().decide(value);
  const message = 'error' in answer ? `${answer.error.code} ${answer.error.message}` : '';
  if (message.startsWith('internal')) throw new Error(message);
  if (!('error' in answer) && answer.verdict === 'unknown' && answer.missing.length === 0)
    throw new Error('nothing is missing, and unknown');
}

/** Any value in the place of a part of a scenario. */
export const sessions: Target = {
  name: 'session JSON',
  samples: () => texts(JSON.stringify(scenario), JSON.stringify(scenario, undefined, 1), JSON.stringify(session)),
  run(input, random) {
    let value: unknown;
    try {
      value = JSON.parse(input.toString('utf8'));
    } catch {
      // What is no JSON at all may still be a part of a scenario.
      value = input.toString('utf8');
    }
    decided(value);
    const part = random.one(Object.keys(scenario));
    decided({ ...scenario, [part]: value });
    const field = random.one([...Object.keys(session), 'sasl', 'etrn', 'vrfy', 'early']);
    decided({ ...scenario, session: { ...session, [field]: value } });
  },
};

async function* pieces(bytes: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

/** Lines of a batch, in pieces of any length: each is read as JSON.parse would read it, and answered. */
export const batchLines: Target = {
  name: 'batch lines',
  samples() {
    const line = JSON.stringify(scenario);
    const odd = '{"id":"\\u0041","postfix":"3.7","postfix":"3.5","mainCf":{},"session":{"client":{"address":"::1"}}}';
    return texts(`${line}\n${line.replace('"id":7', '"id":8')}\n`, `${line}\r\n\r\n${odd}\n{}\n[]\nnull`, odd);
  },
  async run(input, random) {
    const reader = new ScenarioReader();
    const batch = new Batch();
    const all: Buffer[] = [];
    for await (const lines of lineGroups(pieces(input, random.one([1, 7, 100, 1 << 18])))) all.push(...lines);
    const split = input.toString('latin1').split('\n');
    if (split.at(-1) === '') split.pop();
    if (all.map((line) => line.toString('latin1')).join('\n') !== split.join('\n')) throw new Error('lines are lost');
    for (const line of all.slice(0, 20)) {
      const ours = outcome(() => reader.read(line));
      const theirs = outcome(() => JSON.parse(line.toString('utf8')));
      if (!isDeepStrictEqual(ours, theirs)) throw new Error(`read otherwise: ${JSON.stringify(ours).slice(0, 300)}`);
      if ('value' in ours) {
        const answer = batch.decide(ours.value);
        if ('error' in answer && answer.error.code === 'internal') throw new Error(answer.error.message);
      }
    }
  },
};

function outcome(read: () => unknown): { readonly value: unknown } | { readonly failed: true } {
  try {
    return { value: read() };
  } catch {
    return { failed: true };
  }
}
