import { shownFingerprint, withoutPlaceholders } from '../lib/placeholder-fingerprint.ts';
import type { Outcome, Witness } from '../policy/explore/result.ts';

/**
 * The command line that has the simulator play a witness; `flags` name the server. What options cannot say (TLS without a
 * certificate, what DNS or services answer) goes in by standard input.
 */
export function simulateLine(flags: readonly string[], witness: Witness, outcome: Outcome): string {
  const words = ['certrelay', 'simulate', ...flags.map(quoted)];
  const options = optionsOf(witness);
  const expected = expectationOf(outcome);
  if (options !== undefined) return [...words, ...options.map(quoted), ...expected].join(' ');
  const { session, world } = withoutPlaceholders({ session: witness.session, world: witness.world });
  const line = [...words, '--session', '/dev/stdin', ...expected].join(' ');
  return `echo ${quoted(JSON.stringify({ session, ...world }))} | ${line}`;
}

/** What it comes to, as `--expect` says it; a reply after that to RCPT has no word there. */
function expectationOf({ verdict, stage, code }: Outcome): readonly string[] {
  if (verdict === 'permit') return ['--expect', 'permit'];
  return verdict === 'fatal' || stage !== 'rcpt' || code === 0 ? [] : ['--expect', String(code)];
}

function optionsOf({ session, world }: Witness): readonly string[] | undefined {
  const { client, helo, tls, sasl, mailFrom, rcptTo, data } = session;
  const plain = Object.keys(world).length === 0 && !data && helo !== undefined;
  if (!plain || (tls !== null && tls.certificate === null)) return undefined;
  if (sasl !== null && sasl.method !== 'PLAIN') return undefined;
  const certificate = tls?.certificate ?? undefined;
  const pairs = (option: string, set: Readonly<Record<string, string>> = {}) =>
    Object.entries(set).flatMap(([digest, hex]) => [option, `${digest}=${shownFingerprint(hex)}`]);
  return [
    ...['--client-address', client.address],
    ...(client.name === 'unknown' ? [] : ['--client-name', client.name]),
    ...(client.reverseName === client.name ? [] : ['--client-reverse-name', client.reverseName]),
    ...['--helo', helo],
    ...pairs('--fingerprint', certificate?.fingerprint),
    ...pairs('--public-key-fingerprint', certificate?.publicKeyFingerprint),
    ...(certificate?.trusted === true ? ['--trusted'] : []),
    ...(sasl === null ? [] : ['--sasl-user', sasl.user]),
    ...['--from', mailFrom],
    ...rcptTo.flatMap((to) => ['--to', to]),
  ];
}

/** A word as a shell takes it literally. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
