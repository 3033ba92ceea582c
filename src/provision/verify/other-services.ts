import { compare } from '../../policy/explore/compare.ts';
import type { Bench } from '../../policy/identities/judge.ts';
import { sessionOf } from '../../policy/identities/sessions.ts';
import type { NobodyElse } from './nobody-else.ts';
import type { Row } from './verify.ts';
import { witnessOf } from './way-witness.ts';

/** As many paths through a service are followed. */
const mostPaths = 20_000;

/** A service of the server beside that of the clients, without what is rendered and with it. */
export interface OtherService {
  readonly name: string;
  readonly before: Bench;
  readonly after: Bench;
}

/**
 * Follows every path through the services that clients do not come to, without what is rendered and with it: each reply to
 * everybody is the same, its words too. Nothing where the server has no other service.
 */
export function otherServices(services: readonly OtherService[], foreignAddress: string): NobodyElse {
  const [first] = services;
  if (first === undefined) return {};
  const compared = services.map((service) => ({ service, ...comparedPaths(service) }));
  const limited = compared.filter((one) => one.limited).map(({ service: { name } }) => `"${name}"`);
  const other = compared.find(({ isSame }) => !isSame);
  const { before, after } = other?.service ?? first;
  const stranger = sessionOf({ address: foreignAddress, name: 'unknown' });
  const shown = (bench: Bench, program: number): Row['witness'] =>
    other?.example === undefined
      ? { who: 'anyone', session: stranger, judgement: bench.judge(stranger) }
      : witnessOf(other.example, program, bench);
  const names = services.map(({ name }) => name).join(', ');
  return {
    row: {
      ...{ id: 'other-services', wanted: 'as-base', outcome: other === undefined ? 'met' : 'broken' },
      doc: `everybody on the other services (${names}), on every path`,
      sessions: compared.reduce((sum, { paths }) => sum + paths, 0),
      witness: shown(after, 1),
      base: shown(before, 0).judgement,
    },
    ...(limited.length === 0
      ? {}
      : { assumption: `that beyond the first ${mostPaths} ways through ${limited.join(', ')} nothing changes` }),
  };
}

function comparedPaths({ before, after }: OtherService) {
  const dead = [before.config.fatal, after.config.fatal];
  // Who is not served by a server that does not start is served no worse by one that dies of the same.
  if (dead.some((line) => line !== undefined)) return { isSame: dead[0] === dead[1], paths: 0, limited: false };
  const { changes, paths, limited } = compare(before.config, after.config, { recipients: 'any', limit: mostPaths });
  const [change] = changes;
  return { isSame: change === undefined, paths, limited, ...(change === undefined ? {} : { example: change.example }) };
}
