import type { Credential, CredentialRequest } from '../../../hosts/probe/credential.ts';
import { type Place, readPlace } from '../../../hosts/probe/place.ts';
import type { ProbeRequest } from '../../../hosts/probe/predict.ts';
import { addressLiteral, parseAddress } from '../../../lib/ip.ts';
import { CertrelayError, type Problem, usage } from '../../../lib/problem.ts';
import { outsideRecipients } from '../../../policy/identities/sessions.ts';
import { durationSeconds } from '../../../provision/rotation/duration.ts';
import type { Options } from '../../command.ts';

const longestAddress = 320;

/** Where to ask; `port` is the set-up's, where there is one. @throws CertrelayError (usage) */
export function placeOf(args: readonly string[], options: Options, port: number | undefined): Place {
  return readPlace(
    args[0] ?? '',
    options.wrapped === true ? (port === 465 ? 465 : undefined) : port,
    options.wrapped === true,
  );
}

/** Which certificate --as, --cert and --key name. */
export function credentialRequestOf(options: Options, cwd: string): CredentialRequest {
  const { as, cert, key, trusted } = options;
  return { as: text(as), cert: text(cert), key: text(key), trusted: trusted === true, cwd };
}

/** Reads what is to be said. @throws CertrelayError (usage) with all that is wrong. */
export function probeRequestOf(options: Options, place: Place, credential: Credential | undefined): ProbeRequest {
  const problems: Problem[] = [];
  const seconds = options.timeout === undefined ? 30 : durationSeconds(String(options.timeout).replace(/^\d+$/, '$&s'));
  if (seconds === undefined || seconds === 0 || seconds > 3600)
    problems.push(
      ...usage('timeout-invalid', `--timeout: "${options.timeout}" is no duration`, 'such as 5s or 2m').problems,
    );
  const named = text(options.helo) ?? nameOf(credential);
  const client = text(options.clientAddress);
  if (client !== undefined && parseAddress(client) === undefined)
    problems.push(...usage('client-address-invalid', `--client-address: "${client}" is no IP address`).problems);
  const isName = named !== undefined && /^(?:[\w.-]+|\[[\w:.]+\])$/.test(named);
  if (named !== undefined && !isName)
    problems.push(
      ...usage('helo-invalid', `--helo: "${named}" is no name for EHLO`, 'a host name, or [ADDRESS]').problems,
    );
  const from = text(options.from) ?? (isName && !named.startsWith('[') ? `root@${named}` : '');
  const to = text(options.to) ?? outsideRecipients[0];
  for (const [flag, address, mayBeEmpty] of [
    ['--from', from, true],
    ['--to', to, false],
  ] as const)
    problems.push(...addressProblems(flag, address, mayBeEmpty));
  if (problems.length > 0) throw new CertrelayError('usage', ...problems);
  return {
    ...{ place, patience: (seconds ?? 30) * 1000, helo: (local: string) => named ?? literal(local), from, to },
    ...{ client: { address: client, name: text(options.clientName) }, resolve: options.resolve === true },
  };
}

function nameOf(credential: Credential | undefined): string | undefined {
  const name = credential?.facts.names[0] ?? credential?.facts.subject;
  return name !== undefined && /^[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$/.test(name) ? name : undefined;
}

/** What stands between angle brackets must not be able to end them, or the line. */
function addressProblems(flag: string, address: string, mayBeEmpty: boolean): readonly Problem[] {
  if (address === '' && mayBeEmpty) return [];
  const isQuoted = /^"(?:[^"\\\p{Cc}]|\\[^\p{Cc}])*"@[^\s<>@"\p{Cc}]+$/u.test(address);
  const isPlain = /^[^\s<>"\p{Cc}]+@(?:[^\s<>@"\p{Cc}]+)$/u.test(address);
  if ((isQuoted || isPlain) && address.length <= longestAddress) return [];
  return usage('address-invalid', `${flag}: "${address}" is no mail address`, 'such as someone@example.org').problems;
}

/** RFC 5321, section 4.1.3: the address, where a client has no name to give. */
function literal(local: string): string {
  const address = parseAddress(local.replace(/%.*$/, ''));
  if (address === undefined) return 'localhost';
  return addressLiteral(address.text);
}

function text(value: Options[string]): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
