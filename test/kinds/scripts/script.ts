import { parseAddress } from '../../../src/lib/ip.ts';

/** What a reply has to be, for a range of releases. */
export interface Expectation {
  readonly from: string;
  readonly to: string;
  /** `250`, `454 4.7.1 text`, `fatal: …` where the server does not start, or `-` where no reply comes. */
  readonly reply: string;
}

/** One command of a session with its expected replies. */
export interface Step {
  readonly line: number;
  readonly command: string;
  readonly expected: readonly Expectation[];
}

/** One session on one configuration. */
export interface ScriptSession {
  readonly name: string;
  readonly versions: readonly string[];
  readonly mainCf: string;
  readonly masterCf: string | undefined;
  readonly tables: Readonly<Record<string, string>>;
  readonly world: ScriptWorld;
  readonly session: Readonly<Record<string, unknown>>;
  readonly steps: readonly Step[];
  /** What the actions of access(5) tables did, in order; undefined where the script says nothing of it. */
  readonly effects?: readonly Expectation[];
  /** Why no real server is asked about it. */
  readonly unplayed?: string;
}

/** What the world outside would answer; each as a scenario has it. */
export interface ScriptWorld {
  readonly dns: Readonly<Record<string, readonly string[] | string>>;
  readonly policy?: Readonly<Record<string, Readonly<Record<string, string | null>>>>;
  readonly verify?: Readonly<Record<string, string>>;
}

interface Draft {
  versions: string[];
  mainCf: string;
  masterCf: string | undefined;
  tables: Record<string, string>;
  world: ScriptWorld;
  unplayed?: string;
}

const oldest = '2.9';
const newest = '3.11';

/**
 * Reads a transcript. Blocks are `versions: …`, `main.cf:`, `master.cf:`, `table PATH:` and `session NAME:`; what is
 * indented below belongs to the block. A `main.cf:` block starts a new server; `unplayed: WHY` says that the servers up to
 * the next line of versions are none that a test could start. The world: `dns:` with `name/TYPE record`
 * or `name/TYPE NXDOMAIN`, a line a record; `policy:` with `service action` or `service <recipient> action` (`-` where
 * no answer comes); `verify:` with `address status reason`. In a session, `client`, `certificate`
 * and `login` say who comes, `early` that it waits for nothing; commands stand in capitals, each with its replies
 * indented: `454 4.7.1 text` for every release, or behind a range such as `2.10-3.2`, `3.3-`, `-2.11` or `3.7.6-3.7`;
 * the first that holds counts. The last line
 * of a session may be `effects`, with what actions did to the message: `hold filter`, or `-` for nothing.
 */
export function readScript(text: string): ScriptSession[] {
  const sessions: ScriptSession[] = [];
  const server: Draft = { versions: [], mainCf: '', masterCf: undefined, tables: {}, world: { dns: {} } };
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? '';
    at += 1;
    if (line.trim() === '' || line.startsWith('#')) continue;
    const body: { line: number; text: string }[] = [];
    for (; at < lines.length && /^(\s|$|#)/.test(lines[at] ?? ''); at++) {
      const text = lines[at] ?? '';
      if (text.trim() !== '' && !text.startsWith('#')) body.push({ line: at + 1, text: text.slice(2) });
    }
    const joined = body.map((each) => `${each.text}\n`).join('');
    const [, keyword = '', rest = ''] = /^(\S+?):?(?:\s+(.*?):?)?$/.exec(line) ?? [];
    if (keyword === 'versions') {
      server.versions = rest.split(/\s+/);
      delete server.unplayed;
    } else if (keyword === 'unplayed') server.unplayed = rest;
    else if (keyword === 'main.cf')
      Object.assign(server, { mainCf: joined, masterCf: undefined, tables: {}, world: { dns: {} } });
    else if (keyword === 'master.cf') server.masterCf = joined;
    else if (keyword === 'table') server.tables = { ...server.tables, [rest]: joined };
    else if (keyword === 'dns') server.world = { ...server.world, dns: dnsOf(body) };
    else if (keyword === 'policy') server.world = { ...server.world, policy: policyOf(body) };
    else if (keyword === 'verify') server.world = { ...server.world, verify: verifyOf(body) };
    else if (keyword === 'session') sessions.push({ ...server, name: rest, ...readSession(body) });
    else throw new Error(`line ${at}: "${line}" starts no block`);
  }
  return sessions;
}

function readSession(
  body: readonly { readonly line: number; readonly text: string }[],
): Pick<ScriptSession, 'session' | 'steps' | 'effects'> {
  const session: Record<string, unknown> = {
    client: { address: '192.0.2.1', name: 'client.example.com' },
    tls: null,
    sasl: null,
  };
  const steps: { line: number; command: string; expected: Expectation[] }[] = [];
  const rcptTo: string[] = [];
  for (const { line, text } of body) {
    if (/^\s/.test(text)) {
      const step = steps.at(-1);
      if (step === undefined) throw new Error(`line ${line}: a reply without a command`);
      step.expected.push(readExpectation(text.trim(), line));
      continue;
    }
    const [word = '', ...rest] = text.split(/\s+/);
    if (word === 'client') session.client = clientOf(rest, line);
    else if (word === 'certificate') session.certificate = certificateOf(rest);
    else if (word === 'early') session.early = true;
    else if (word === 'effects') steps.push({ line, command: effectsWord, expected: [] });
    else if (word === 'login') session.sasl = { user: rest[0], method: rest[1] ?? 'PLAIN' };
    else {
      steps.push({ line, command: text, expected: [] });
      const address = /<(.*)>$/.exec(text)?.[1];
      if (word === 'EHLO' || word === 'HELO')
        Object.assign(session, { helo: rest.join(' '), protocol: word === 'HELO' ? 'SMTP' : 'ESMTP' });
      else if (word === 'STARTTLS') session.tls = { protocol: 'TLSv1.3', certificate: session.certificate ?? null };
      else if (word === 'ETRN') session.etrn = rest.join(' ');
      else if (word === 'VRFY') session.vrfy = rest.join(' ');
      else if (word === 'MAIL') session.mailFrom = address;
      else if (word === 'RCPT') rcptTo.push(address ?? '');
      else if (word === 'DATA') session.data = true;
      else if (word !== 'CONNECT' && word !== '.') throw new Error(`line ${line}: "${text}" is no command`);
    }
  }
  const { certificate: _, ...said } = session;
  const last = steps.at(-1);
  if (last?.command !== effectsWord) return { session: { ...said, rcptTo }, steps };
  return { session: { ...said, rcptTo }, steps: steps.slice(0, -1), effects: last.expected };
}

/** Stands among the commands while a session is read, for it has expectations as they do. */
const effectsWord = 'effects';

type Body = readonly { readonly text: string }[];

function dnsOf(body: Body): ScriptWorld['dns'] {
  const dns: Record<string, string[] | string> = {};
  for (const { text } of body) {
    const [, key = '', record = ''] = /^(\S+)\s*(.*)$/.exec(text) ?? [];
    const before = dns[key];
    if (/^(NXDOMAIN|NODATA|SERVFAIL)$/.test(record)) dns[key] = record;
    else if (typeof before === 'object') before.push(record);
    else dns[key] = [record];
  }
  return dns;
}

function policyOf(body: Body): Exclude<ScriptWorld['policy'], undefined> {
  const policy: Record<string, Record<string, string | null>> = {};
  for (const { text } of body) {
    const [, service = '', about = '*', action = ''] = /^(\S+)(?:\s+<(\S+)>)?(?:\s+(.*))?$/.exec(text) ?? [];
    policy[service] = { ...policy[service], [about]: action === '-' ? null : action };
  }
  return policy;
}

function verifyOf(body: Body): Exclude<ScriptWorld['verify'], undefined> {
  return Object.fromEntries(body.map(({ text }) => [text.split(/\s/, 1)[0] ?? '', text.replace(/^\S+\s+/, '')]));
}

function clientOf([address = '', name = 'unknown', reverseName = name]: readonly string[], line: number) {
  if (parseAddress(address) === undefined) throw new Error(`line ${line}: "${address}" is no address`);
  return { address, name, reverseName };
}

function certificateOf(words: readonly string[]) {
  const fingerprint: Record<string, string> = {};
  const publicKeyFingerprint: Record<string, string> = {};
  for (const word of words) {
    const [key = '', value] = word.split('=');
    if (value === undefined) continue;
    if (key.startsWith('key-')) publicKeyFingerprint[key.slice(4)] = value;
    else fingerprint[key] = value;
  }
  return {
    subject: words[0],
    trusted: words.includes('trusted'),
    issuer: 'ca.example.com',
    fingerprint,
    publicKeyFingerprint,
  };
}

function readExpectation(text: string, line: number): Expectation {
  if (/^(\d\d\d( |$)|-$|fatal: |[a-z])/.test(text)) return { from: oldest, to: newest, reply: text };
  const match = /^(\d\.\d+(?:\.\d+)?)?(-)?(\d\.\d+)?\s+(.*)$/.exec(text);
  if (match === null) throw new Error(`line ${line}: "${text}" is no reply`);
  const [, from = oldest, dash, to = dash === undefined ? from : newest, reply = ''] = match;
  return { from, to, reply };
}
