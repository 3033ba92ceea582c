import { resolve } from 'node:path';
import * as v from 'valibot';
import { parseDocument } from 'yaml';
import { readText } from '../../../lib/files/read.ts';
import { usage } from '../../../lib/problem.ts';
import type { LineName } from '../../../policy/explore/lines/line.ts';
import type { Query } from '../../../policy/explore/query.ts';
import type { Demand } from '../../../policy/identities/demand.ts';
import type { PostfixConfig } from '../../../policy/postfix/config.ts';

/** One value or several; a value after `!` is left out. YAML reads a bare number or word as what it is not. */
const values = v.pipe(
  v.union([v.string(), v.number(), v.array(v.union([v.string(), v.number()]))]),
  v.transform((given) => (Array.isArray(given) ? given : [given]).map(String)),
);

const fields = {
  clientAddress: 'client address',
  clientName: 'client name',
  helo: 'helo',
  from: 'sender',
  certificate: 'certificate',
  publicKey: 'public key',
  saslUser: 'login',
} as const satisfies Readonly<Record<string, LineName>>;

type Field = keyof typeof fields;

const session = v.strictObject({
  name: v.optional(v.string()),
  to: v.optional(values),
  ...(Object.fromEntries(Object.keys(fields).map((field) => [field, v.optional(values)])) as unknown as Record<
    Field,
    v.OptionalSchema<typeof values, undefined>
  >),
});

const document = v.strictObject({
  can: v.optional(v.array(session), []),
  cannot: v.optional(v.array(session), []),
});

type Session = v.InferOutput<typeof session>;

/** Reads the file of --expect, YAML or JSON: who must be able, and who must not. Throws a CertrelayError. */
export function readDemands(file: string, cwd: string, config: PostfixConfig, limit: number): readonly Demand[] {
  const parsed = parseDocument(readText(resolve(cwd, file), 1_048_576));
  const [error] = parsed.errors;
  if (error !== undefined) {
    const at = error.linePos?.[0];
    const message = (error.message.split('\n')[0] ?? '').replace(/ at line .*$/, '');
    throw usage(
      'expect-syntax',
      message.replace(/^./, (first) => first.toLowerCase()),
      undefined,
      {
        ...{ file, line: at?.line ?? 1, column: at?.col ?? 1 },
      },
    );
  }
  const read = v.safeParse(document, plain(parsed, file));
  if (!read.success) {
    const [issue] = read.issues;
    const path = v.getDotPath(issue) ?? '';
    const known = ['name', 'to', ...Object.keys(fields)].join(', ');
    throw usage(
      'expect-form',
      `"${file}"${path === '' ? '' : `, ${path}`}: ${said(issue)}`,
      path.includes('.') ? `a session has ${known}` : 'a list under "can", and one under "cannot"',
    );
  }
  const { can, cannot } = read.output;
  const demands = [
    ...can.map((each) => demandOf('can', each, config, limit)),
    ...cannot.map((each) => demandOf('cannot', each, config, limit)),
  ];
  if (demands.length > 0) return demands;
  throw usage('expect-empty', `"${file}" expects nothing`, 'a list under "can", and one under "cannot"');
}

function plain(parsed: ReturnType<typeof parseDocument>, file: string): unknown {
  try {
    return parsed.toJS();
  } catch {
    throw usage('expect-aliases', `"${file}" repeats itself by aliases too often`, 'write the values out');
  }
}

function said({ type, expected, received }: v.BaseIssue<unknown>): string {
  if (type === 'strict_object' && expected === 'never') return `${received} is not known`;
  return `${expected ?? 'something else'} is wanted, not ${received}`;
}

/** Recipients by a word: what `simulate --to` cannot say. */
const kinds: Readonly<Record<string, Query['recipients']>> = { remote: 'remote', own: 'own', any: 'any' };

function demandOf(kind: Demand['kind'], given: Session, config: PostfixConfig, limit: number): Demand {
  const { name, to = ['remote'] } = given;
  const [first = ''] = to;
  const recipients = to.length === 1 ? kinds[first] : undefined;
  const within: Partial<Record<LineName, readonly string[]>> = {};
  for (const [field, line] of Object.entries(fields) as [Field, LineName][]) {
    const own = given[field];
    if (own !== undefined) within[line] = own.flatMap((value) => listed(line, value, config));
  }
  if (recipients === undefined) within.recipient = to;
  return {
    kind,
    name: name ?? nameOf(given),
    query: {
      ...{ recipients: recipients ?? 'any', within, limit },
      // Whoever must be able to send may be expected to say HELO.
      ...(kind === 'can' ? { silent: false } : {}),
    },
  };
}

/** `listed` stands for all that relay_clientcerts lists. */
function listed(line: LineName, value: string, config: PostfixConfig): readonly string[] {
  const word = value.replace(/^!/, '');
  if (word !== 'listed' || (line !== 'certificate' && line !== 'public key')) return [value];
  const not = value.startsWith('!') ? '!' : '';
  const keys = config.tables('relay_clientcerts').flatMap(({ entries }) => entries?.map(({ key }) => key) ?? []);
  return keys.filter((key) => /^[0-9a-f]{2}(?::[0-9a-f]{2})+$/i.test(key)).map((key) => `${not}${key}`);
}

function nameOf(given: Session): string {
  const words = Object.entries(given).flatMap(([field, own]) =>
    own === undefined ? [] : [`${field} ${Array.isArray(own) ? own.join(', ') : own}`],
  );
  return words.length === 0 ? 'anybody' : words.join('; ');
}
