import { readEnvelope } from '../address/syntax.ts';
import type { PolicyAnswer, PolicyAnswers, Verified, VerifyStatus } from './conversation.ts';
import { fieldsOf, ScenarioError, textOf } from './fields.ts';

/** Reads the `policy` of a scenario: by service an access(5) action, null, or answers by recipient, state or `*`. */
export function readPolicy(value: unknown): PolicyAnswers | undefined {
  if (value === undefined || value === null) return undefined;
  const services: Record<string, PolicyAnswers[string]> = Object.create(null);
  for (const [service, given] of Object.entries(fieldsOf(value, 'policy'))) {
    if (!/^[^:]+:./.test(service)) {
      throw new ScenarioError(
        'policy-service',
        `"${service}" is not a policy service`,
        'for example inet:127.0.0.1:10023',
      );
    }
    const name = `policy["${service}"]`;
    if (typeof given !== 'object' || given === null) {
      services[service] = answerOf(given, name);
      continue;
    }
    const answers: Record<string, PolicyAnswer> = Object.create(null);
    for (const [about, answer] of Object.entries(fieldsOf(given, name))) {
      answers[about.toLowerCase()] = answerOf(answer, `${name}["${about}"]`);
    }
    services[service] = answers;
  }
  return services;
}

function answerOf(value: unknown, name: string): PolicyAnswer {
  return value === null ? null : textOf(value, name);
}

const statuses: readonly VerifyStatus[] = ['deliverable', 'undeliverable', 'deferred', 'pending', 'failed'];

/**
 * Reads the `verify` of a scenario: by address a status, with the reason behind it where there is one. Addresses may be
 * spelt as a client would, or as the server names them, without quoting.
 */
export function readVerify(value: unknown): Readonly<Record<string, Verified>> | undefined {
  if (value === undefined || value === null) return undefined;
  const addresses: Record<string, Verified> = Object.create(null);
  for (const [address, given] of Object.entries(fieldsOf(value, 'verify'))) {
    const text = textOf(given, `verify["${address}"]`).trim();
    const [word = ''] = text.split(/\s/, 1);
    const status = statuses.find((each) => each === word.toLowerCase());
    if (status === undefined) {
      throw new ScenarioError(
        'verify-status',
        `"${word}" is not a verification status`,
        `write ${statuses.join(', ')}`,
      );
    }
    const verified: Verified = { status, reason: text.slice(word.length).trim() };
    const envelope = readEnvelope(address);
    if (envelope.kind === 'address') addresses[envelope.text.toLowerCase()] ??= verified;
    addresses[address.toLowerCase()] = verified;
  }
  return addresses;
}
