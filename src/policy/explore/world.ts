import { parseAddress } from '../../lib/ip.ts';
import { lineNames } from './lines/line.ts';
import type { RepresentativeSession } from './representative-session.ts';
import type { Assumption, World } from './result.ts';
import type { ExploredServer } from './server.ts';

type Records = Record<string, readonly string[] | string>;

/** Puts the assumptions of a path into the words of a scenario, as far as it has words for them. */
export function worldOf(
  assumptions: readonly Assumption[],
  representative: RepresentativeSession,
  servers: readonly ExploredServer[],
): { readonly world: World; readonly rest: readonly Assumption[] } {
  const dns: Records = {};
  const policy: Record<string, Record<string, string>> = {};
  const verify: Record<string, string> = {};
  const rest: Assumption[] = [];
  for (const assumption of assumptions) {
    const fact = filled(assumption.fact, representative);
    const { value } = assumption;
    const records =
      recordsOf(fact, value) ?? recordsOfTable(fact, filled(assumption.supply, representative), value, servers);
    const [, service = '', about = ''] = /^policy (\S+) for (\S+)/.exec(fact) ?? [];
    const [, address = ''] = /^verify (.+)$/.exec(fact) ?? [];
    if (records !== undefined) Object.assign(dns, records);
    else if (service !== '' && typeof value === 'string') policy[service] = { ...policy[service], [about]: value };
    else if (address !== '' && isVerified(value)) verify[address] = value.status;
    else rest.push(assumption);
  }
  return {
    world: {
      ...(Object.keys(dns).length === 0 ? {} : { dns }),
      ...(Object.keys(policy).length === 0 ? {} : { policy }),
      ...(Object.keys(verify).length === 0 ? {} : { verify }),
    },
    rest,
  };
}

/** A fact with the values of a session in place of what stands for them. */
function filled(fact: string, representative: RepresentativeSession): string {
  let text = fact;
  for (let line = 0; line < lineNames.length; line++) {
    for (const [own, placeholder] of representative.texts(line)) text = text.replaceAll(placeholder, own);
  }
  return text;
}

function isVerified(value: unknown): value is { readonly status: string } {
  return typeof value === 'object' && value !== null && 'status' in value;
}

/** Records for what is supposed of a domain for mail, or of a list in DNS. */
function recordsOf(fact: string, value: unknown): Records | undefined {
  const mail = /^dns (\S+)\/MX, A, AAAA$/.exec(fact)?.[1];
  if (mail !== undefined) {
    if (value === 'found') return { [`${mail}/MX`]: [`10 mail.${mail}`] };
    if (value === 'temporary') return { [`${mail}/MX`]: 'SERVFAIL' };
    if (value === 'null MX') return { [`${mail}/MX`]: ['0 .'] };
    return { [`${mail}/MX`]: 'NXDOMAIN', [`${mail}/A`]: 'NXDOMAIN', [`${mail}/AAAA`]: 'NXDOMAIN' };
  }
  const listed = /^dns (\S+)\/A, TXT$/.exec(fact)?.[1];
  if (listed === undefined) return undefined;
  if (value === 'temporary') return { [`${listed}/A`]: 'SERVFAIL' };
  if (value === 'not listed') return { [`${listed}/A`]: 'NXDOMAIN' };
  return { [`${listed}/A`]: ['127.0.0.2'], [`${listed}/TXT`]: ['unknown'] };
}

/** Records whose hosts an access table answers as supposed; undefined when none of its entries does. */
function recordsOfTable(
  fact: string,
  supply: string,
  value: unknown,
  servers: readonly ExploredServer[],
): Records | undefined {
  const [, name = '', types = ''] = /^dns (\S+)\/(MX|NS|A|AAAA|A, AAAA)$/.exec(supply) ?? [];
  if (name === '' || !fact.startsWith(`${supply} in `)) return undefined;
  const spec = fact.slice(supply.length + ' in '.length);
  const entry = servers.flatMap(({ config }) => config.table(spec).entries ?? []).find((each) => each.value === value);
  if (value !== undefined && entry === undefined) return undefined;
  const key = entry?.key.replace(/^\./, '') ?? '';
  const address = parseAddress(key)?.text ?? '198.51.100.77';
  const host = key === '' || parseAddress(key) !== undefined ? `host.${name}` : key;
  const addresses = address.includes(':') ? { AAAA: [address], A: 'NODATA' } : { A: [address], AAAA: 'NODATA' };
  const ofHost = (each: string): Records => ({ [`${each}/A`]: addresses.A, [`${each}/AAAA`]: addresses.AAAA });
  if (types === 'MX') return { [`${name}/MX`]: [`10 ${host}`], ...ofHost(host) };
  if (types === 'NS') return { [`${name}/NS`]: [host], ...ofHost(host) };
  return ofHost(name);
}
