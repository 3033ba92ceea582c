import { digests, pooledNames } from '../certificates.ts';
import { action } from './actions.ts';
import type { Draw } from './draw.ts';
import {
  address,
  clients,
  dnsLists,
  domains,
  helos,
  logins,
  serverAddresses,
  serverAddresses6,
  servers,
  users,
} from './words.ts';

/** What a table's keys are about. */
export type Kind =
  | 'client'
  | 'helo'
  | 'mailbox'
  | 'fingerprint'
  | 'login'
  | 'domain'
  | 'network'
  | 'server'
  | 'list'
  | 'reply';

/** The tables of a configuration while it is being made. */
export class Tables {
  readonly files: Record<string, string> = {};
  readonly #draw: Draw;
  #count = 0;

  constructor(draw: Draw) {
    this.#draw = draw;
  }

  /** The name of a table for access(5) actions. */
  access(kind: Kind): string {
    return this.#table(kind, () => action(this.#draw));
  }

  /** The name of a table in which only finding counts, or whose values are addresses. */
  map(kind: Kind, values: readonly [string, ...string[]] = ['x']): string {
    return this.#table(kind, () => this.#draw.one(values));
  }

  #table(kind: Kind, value: () => string): string {
    const draw = this.#draw;
    const before = draw.chance(4) ? draw.one(['debug:', 'proxy:'] as const) : '';
    return `${before}${this.#plain(kind, value)}`;
  }

  #plain(kind: Kind, value: () => string): string {
    const draw = this.#draw;
    return draw.weighted<string>([
      [40, () => this.#file(draw.one(['hash', 'hash', 'lmdb', 'cdb', 'btree', 'texthash'] as const), kind, value)],
      [kind === 'fingerprint' ? 0 : kind === 'reply' ? 60 : 9, () => this.#patterns(kind, value)],
      [kind === 'client' || kind === 'network' || kind === 'server' ? 14 : 1, () => this.#cidr(value)],
      [5, () => this.#inline(kind, value)],
      [4, () => this.#static(value)],
      [1, () => `unionmap:{${this.#file('hash', kind, value)},${this.#file('texthash', kind, value)}}`],
      [1, () => `pipemap:{${this.#file('hash', kind, value)},${this.#static(value)}}`],
      [
        1,
        () =>
          draw.one([
            'hash:/etc/postfix/lab/nowhere',
            'texthash:/etc/postfix/lab/nowhere',
            'fail:x',
            'cidr:/etc/postfix/lab/nowhere',
            'nonsense:x',
            'inline:{}',
          ] as const),
      ],
    ]);
  }

  #path(): string {
    this.#count += 1;
    return `/etc/postfix/lab/t${this.#count}`;
  }

  #file(type: string, kind: Kind, value: () => string): string {
    const draw = this.#draw;
    const path = this.#path();
    const seen = new Set<string>();
    const lines = draw.several(1, 6, () => {
      const key = this.#key(kind);
      // One duplicate makes a whole texthash table useless; now and then is enough.
      if (seen.has(key.toLowerCase()) && !draw.chance(3)) return '';
      seen.add(key.toLowerCase());
      return `${key}${draw.one([' ', ' ', '\t', '   '] as const)}${value()}\n`;
    });
    if (draw.chance(5))
      lines.push(draw.one(['# a comment\n', '\n', '  \n', 'keyonly\n', '  continued\n', '#x y\n    z\n'] as const));
    this.files[path] = lines.join('');
    return `${type}:${path}`;
  }

  #cidr(value: () => string): string {
    const draw = this.#draw;
    const path = this.#path();
    const lines = draw.several(1, 5, () => {
      const block = draw.one([
        '192.168.1.0/24',
        '192.168.1.1',
        '10.0.0.0/8',
        '192.0.2.0/24',
        '2001:db8::/32',
        '[2001:db8::]/32',
        '::/0',
        '0.0.0.0/0',
        '127.0.0.1',
        '203.0.113.7/32',
        '!192.168.0.0/16',
        '10.0.0.5/8',
        '::1',
        '2001:db8::5/128',
      ] as const);
      return `${block} ${value()}\n`;
    });
    if (draw.chance(10)) lines.splice(0, lines.length, 'if 10.0.0.0/8\n', ...lines, 'endif\n');
    this.files[path] = lines.join('');
    return `cidr:${path}`;
  }

  #patterns(kind: Kind, value: () => string): string {
    const draw = this.#draw;
    const path = this.#path();
    const patterns =
      kind === 'mailbox'
        ? ([
            '/@lab\\.test$/',
            '/^joe/',
            '/@.*relay\\.net$/',
            '!/@/',
            '/^(.*)\\+(.*)@(.*)$/',
            '/@(mbox|virtual)\\.net$/',
            '/^[a-m]/',
            '/./',
            '/^alice@/',
            '/ALICE/i',
            '/^$/',
          ] as const)
        : kind === 'reply'
          ? ([
              '/^4/',
              '/^5/',
              '/^554 5\\.7\\.1/',
              '/Relay access denied/',
              '/rejected: /',
              '/^[45][0-9][0-9] /',
              '!/^2/',
              '/unknown/',
              '/<.*@.*>/',
            ] as const)
          : ([
              '/^mx\\.lab\\.test$/',
              '/_/',
              '/^[0-9.]+$/',
              '!/\\./',
              '/unknown/',
              '/\\.example\\.com$/',
              '/^\\[/',
              '/^192\\.168\\./',
              '/:/',
              '/./',
              '/lab/',
            ] as const);
    const lines = draw.several(1, 4, () => `${draw.one(patterns)} ${value()}\n`);
    this.files[path] = lines.join('');
    return `${draw.one(['regexp', 'pcre'] as const)}:${path}`;
  }

  #inline(kind: Kind, value: () => string): string {
    const entries = this.#draw.several(1, 3, () => {
      const text = value();
      const key = this.#key(kind).replace(/[\s,{}="]/g, '');
      return /^[^\s,{}]+$/.test(text) ? `${key}=${text}` : `{ ${key} = ${text.replace(/[{}]/g, '')} }`;
    });
    return `inline:{${entries.join(this.#draw.one([', ', ' ', ','] as const))}}`;
  }

  #static(value: () => string): string {
    const text = value().trim();
    if (/^[^\s,{}]+$/.test(text)) return `static:${text}`;
    return `static:{${text.replace(/[{}]/g, '')}}`;
  }

  #key(kind: Kind): string {
    const draw = this.#draw;
    switch (kind) {
      case 'mailbox':
        return mailboxKey(draw);
      case 'helo':
        return draw.chance(70) ? draw.one(helos).replace(/ .*/, '') : domainKey(draw);
      case 'client':
      case 'network':
        return clientKey(draw);
      case 'login':
        return draw.one(logins);
      case 'domain':
        return domainKey(draw);
      case 'server':
        return serverKey(draw);
      case 'list':
        return draw.one([...dnsLists, 'bl.test=127.0.0.2', 'wl.test=127.0.0.[2..4]', 'rhs.test=127.0.0.2'] as const);
      case 'reply':
        return draw.one(['554', '450 4.7.1 Service unavailable', '451 4.3.5 Server configuration error'] as const);
      case 'fingerprint':
        return fingerprintKey(draw);
    }
  }
}

function domainKey(draw: Draw): string {
  const domain = draw.one(domains);
  return draw.one([
    domain,
    domain,
    domain,
    `.${domain}`,
    domain.replace(/^[^.]*\./, ''),
    `.${domain.replace(/^[^.]*\./, '')}`,
    domain.toUpperCase(),
  ]);
}

function mailboxKey(draw: Draw): string {
  return draw.weighted<string>([
    [6, () => address(draw).replace(/ .*/, '')],
    [5, () => domainKey(draw)],
    [3, () => `${draw.one(users)}@`],
    [2, () => `@${draw.one(domains)}`],
    [2, () => draw.one(users)],
    [1, () => '<>'],
  ]);
}

function clientKey(draw: Draw): string {
  const { address: ip, reverseName } = draw.one(clients);
  return draw.one([
    ip,
    ip,
    reverseName,
    `.${reverseName.replace(/^[^.]*\./, '')}`,
    reverseName.replace(/^[^.]*\./, ''),
    ip.replace(/[.:]+[^.:]*$/, ''),
    ip.replace(/[.:][^.:]*$/, ''),
    ip.replace(/[.:].*$/, ''),
    'unknown',
  ]);
}

function serverKey(draw: Draw): string {
  return draw.weighted<string>([
    [4, () => draw.one(servers)],
    [3, () => draw.one(['hosts.test', '.hosts.test', 'lab.test', 'test', '.test'] as const)],
    [3, () => draw.one(serverAddresses)],
    [2, () => draw.one(serverAddresses6)],
    [2, () => draw.one(['192.0.2', '192.0', '127', '2001:db8', '2001:db8:1', '198.51.100'] as const)],
    [2, () => draw.one(domains)],
  ]);
}

/** Mostly in the digest that a configuration is likely to use, and as Postfix writes it. */
function fingerprintKey(draw: Draw): string {
  const kind = draw.one(['CERT', 'CERT', 'KEY'] as const);
  return `@${kind}:${draw.one(pooledNames)}:${draw.one(['md5', 'sha1', 'sha256', 'sha256', ...digests] as const)}@`;
}
