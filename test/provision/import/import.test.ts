import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { equivalentCommand } from '../../../src/cli/wizard/equivalent-command.ts';
import { Desk } from '../../cli/commands/status/desk.ts';
import { needs } from '../../needs.ts';
import { contentsOf, DemoCa, fingerprintOf, readLines, run } from './openssl-ca.ts';

const server = ['--server', 'relay.example.com', '--os', 'debian12', '--yes'] as const;
const cli = fileURLToPath(new URL('../../../dist/cli.js', import.meta.url));
const map = 'out/hosts/relay.example.com/relay_clientcerts';

/** A line for a certificate that nobody has. */
const unknown = (last: string, digest = 32) => `${Array.from({ length: digest - 1 }, () => 'AB').join(':')}:${last}`;

describe.skipIf(needs('openssl'))('an authority of openssl-ca(1)', () => {
  const desk = new Desk(new Date());
  let ca: DemoCa;
  beforeAll(() => {
    ca = new DemoCa(desk.path('demoCA'));
    for (const name of ['a.example.com', 'b.example.com', 'gone.example.com']) ca.issue(name, 'asking');
    ca.issue('relay.example.com', 'serving');
    ca.revoke('gone.example.com');
    writeFileSync(
      desk.path('relay_clientcerts'),
      [
        '# the mail room',
        '',
        '# web',
        `${fingerprintOf(desk.path('demoCA/a.example.com.crt'))} a.example.com`,
        `${unknown('01')}\told.example.com`,
        `${unknown('02').toLowerCase()} Bob's laptop`,
        '  # indented, still a comment',
        'ABCDEF x',
        `${unknown('03')}`,
        `${unknown('01')} twice`,
        '',
      ].join('\n'),
    );
  });
  beforeEach(() => {
    rmSync(desk.path('out'), { recursive: true, force: true });
    // What openssl made is valid from this second on.
    desk.now = new Date(Date.now() + 1000);
  });

  it('goes on as the authority of the set-up, with what it issued, and nothing of it is changed', async () => {
    const before = contentsOf(ca.folder);
    const made = await desk.run('init', '--import', 'demoCA', 'relay_clientcerts', ...server);
    expect(made.code, made.stderr).toBe(0);
    expect(contentsOf(ca.folder)).toBe(before);
    expect(made.stderr).toContain(
      'taken over: 1 authority, 1 server certificate, 3 client certificates, 2 fingerprints',
    );
    expect(made.stderr).toContain('known and not admitted: "b.example.com"');

    const { code, document } = await desk.json('status', '--all');
    expect(code).toBe(0);
    const rows: readonly { role: string; holder: string; state: string; origin: string }[] = document.certificates;
    expect(rows.map(({ role, holder, state, origin }) => `${role} ${holder}: ${state}, ${origin}`)).toEqual([
      'authority Demo CA: handed, imported',
      'server relay.example.com: handed, imported',
      'client a.example.com: handed, imported',
      'client b.example.com: issued, elsewhere',
      'client gone.example.com: revoked, elsewhere',
      'client old.example.com: listed, earlier-map',
      "client Bob's laptop: listed, earlier-map",
    ]);
  });

  it('keeps the comments of the map, and marks what Postfix would not use', async () => {
    await desk.run('init', '--import', 'demoCA', 'relay_clientcerts', ...server);
    const lines = readLines(desk.path(map));
    expect(lines.filter((line) => !line.startsWith('#') && line !== '')).toEqual([
      `${fingerprintOf(desk.path('demoCA/a.example.com.crt'))} a.example.com`,
      `${unknown('01')} old.example.com`,
      `${unknown('02')} Bob's laptop`,
    ]);
    for (const kept of ['the mail room', 'web', 'indented, still a comment']) expect(lines).toContain(`# ${kept}`);
    expect(lines).toContain('# not used by Postfix (its key is no fingerprint): ABCDEF x');
    expect(lines).toContain(`# not used by Postfix (it has no value): ${unknown('03')}`);
    expect(lines).toContain(`# not used by Postfix (the fingerprint is listed above): ${unknown('01')} twice`);
  });

  it('takes the digest from the map, judges its lines like listed certificates, and the certificates work', async () => {
    const { document } = await desk.json('init', '--import', 'demoCA', 'relay_clientcerts', ...server);
    const rows: readonly { id: string; sessions: number; outcome: string }[] = document.verification[0].rows;
    expect(rows.find(({ id }) => id === 'listed')).toMatchObject({ sessions: 3, outcome: 'met' });
    expect(rows.find(({ id }) => id === 'excluded')).toMatchObject({ sessions: 1, outcome: 'met' });
    expect(readFileSync(desk.path('out/hosts/relay.example.com/main.cf'), 'utf8')).toMatch(
      /^smtpd_tls_fingerprint_digest = sha256$/m,
    );
    for (const [host, purpose] of [
      ['relay.example.com', 'sslserver'],
      ['a.example.com', 'sslclient'],
    ] as const) {
      const pem = desk.path(`out/hosts/${host}/${host}`);
      run(desk.folder, 'openssl', ['verify', '-purpose', purpose, '-CAfile', 'out/ca/cacert.pem', `${pem}.crt`]);
      const [own, certified] = [
        ['pkey', '-in', `${pem}.pem`, '-pubout'],
        ['x509', '-in', `${pem}.pem`, '-noout', '-pubkey'],
      ];
      expect(run(desk.folder, 'openssl', own)).toBe(run(desk.folder, 'openssl', certified));
      expect(statSync(`${pem}.key`).mode & 0o777).toBe(0o600);
    }
  });

  it('a holder of lines is removed with them, and stays out when they come again', async () => {
    await desk.run('init', '--import', 'demoCA', 'relay_clientcerts', '--client', 'old.example.com', ...server);
    expect(readFileSync(desk.path(map), 'utf8').match(/old\.example\.com$/gm)).toHaveLength(2);
    for (const name of ['OLD.example.com', "Bob's laptop"]) {
      expect((await desk.run('remove', name, '--yes')).code).toBe(0);
    }
    expect(readFileSync(desk.path(map), 'utf8')).not.toMatch(/^[0-9A-F:]{59,} (?:old|Bob)/m);
    const again = await desk.run('init', '--import', 'demoCA', 'relay_clientcerts', '--yes');
    expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/^nothing changed/) });
    expect(again.stderr).toContain('2 of the lines were taken out of the map earlier and stay out');
  });

  it('does not admit what its authority revoked, though the map lists it, and says so', async () => {
    writeFileSync(desk.path('stale'), `${fingerprintOf(desk.path('demoCA/gone.example.com.crt'))} gone.example.com\n`);
    const made = await desk.run('init', '--import', 'demoCA', 'stale', '--client', 'a.example.com', ...server);
    expect(made.code).toBe(0);
    expect(made.stderr).toContain('no longer admitted although the map lists it: "gone.example.com"');
    expect(readFileSync(desk.path(map), 'utf8')).not.toContain('gone.example.com');
  });

  it('a second import changes nothing, not even a time', async () => {
    const args = ['init', '--import', 'demoCA', 'relay_clientcerts', ...server];
    await desk.run(...args);
    const before = contentsOf(desk.path('out'));
    const { code, document } = await desk.json(...args);
    expect({ code, changed: document.changed }).toEqual({ code: 0, changed: false });
    expect(contentsOf(desk.path('out'))).toBe(before);
  });

  it('issues with it, and admits whom it is told to', async () => {
    await desk.run(
      'init',
      '--import',
      'demoCA',
      'relay_clientcerts',
      '--client',
      'new.example.com',
      'b.example.com',
      ...server,
    );
    const found = run(desk.folder, 'openssl', [
      'verify',
      '-x509_strict',
      '-purpose',
      'sslclient',
      '-CAfile',
      'out/ca/cacert.pem',
      'out/hosts/new.example.com/new.example.com.crt',
    ]);
    expect(found).toContain('OK');
    expect(readFileSync(desk.path(map), 'utf8')).toContain(fingerprintOf(desk.path('demoCA/b.example.com.crt')));
  });

  it('a line whose certificate is found later gives way to it', async () => {
    const only = [fingerprintOf(desk.path('demoCA/b.example.com.crt')), unknown('09')];
    writeFileSync(desk.path('small'), `${only[0]} b.example.com\n${only[1]} c.example.com\n`);
    await desk.run('init', '--import', 'small', ...server);
    expect(
      (await desk.json('status')).document.certificates.filter(({ state }: { state: string }) => state === 'listed'),
    ).toHaveLength(2);
    const again = await desk.run('init', '--import', 'small', 'demoCA/b.example.com.crt', '--yes');
    expect(again.code, again.stderr).toBe(0);
    const { document } = await desk.json('status');
    expect(
      document.certificates.map(({ holder, state }: { holder: string; state: string }) => `${holder} ${state}`),
    ).toEqual([
      'certrelay authority of relay.example.com handed',
      'relay.example.com handed',
      'b.example.com admitted',
      'c.example.com listed',
    ]);
    expect(readLines(desk.path(map)).filter((line) => /^[0-9A-F]{2}:/.test(line))).toHaveLength(2);
  });

  it('refuses a digest with which the lines of the map would admit nobody', async () => {
    const { code, problems } = await desk.run('init', '--import', 'relay_clientcerts', '--digest', 'sha1', ...server);
    expect({ code, problem: problems[0]?.code }).toEqual({ code: 2, problem: 'import-digest' });
    expect(existsSync(desk.path('out/inventory.json'))).toBe(false);
  });

  it.each([
    ['sha1', 20],
    ['sha256', 32],
    ['sha384', 48],
    ['sha512', 64],
  ] as const)('recognises %s by the length of its fingerprints', async (digest, octets) => {
    writeFileSync(desk.path('some'), `${unknown('11', octets)} a.example.com\n`);
    expect((await desk.run('init', '--import', 'some', ...server)).code).toBe(0);
    expect((await desk.json('status')).document.digest).toBe(digest);
  });

  it('keeps md5 fingerprints, says that they cannot be used, and goes on saying it', async () => {
    writeFileSync(desk.path('some'), `${unknown('11', 16)} a.example.com\n${unknown('12', 20)} b.example.com\n`);
    const made = await desk.run('init', '--import', 'some', ...server);
    expect(made.stderr).toContain('1 lines are md5 fingerprints');
    expect(await desk.run('status')).toMatchObject({ code: 5 });
    expect(readFileSync(desk.path(map), 'utf8')).toContain(unknown('11', 16));
  });

  it('follows links to files, and walks in no circle', async () => {
    mkdirSync(desk.path('linked'));
    symlinkSync('../demoCA/cacert.pem', desk.path('linked/ca.pem'));
    symlinkSync('../demoCA/private/cakey.pem', desk.path('linked/ca.key'));
    symlinkSync('.', desk.path('linked/again'));
    symlinkSync('nowhere', desk.path('linked/dangling'));
    symlinkSync('self', desk.path('linked/self'));
    const made = await desk.run('init', '--import', 'linked', '--client', 'x.example.com', ...server);
    expect(made.code, JSON.stringify(made.problems)).toBe(0);
    expect(made.stderr).toContain('taken over: 1 authority\n');
  });

  it('an authority that exists is never replaced', async () => {
    await desk.run('init', '--client', 'x.example.com', ...server);
    const before = contentsOf(desk.path('out'));
    const { code, problems } = await desk.run('init', '--import', 'demoCA', '--yes');
    expect({ code, problem: problems[0]?.code }).toEqual({ code: 2, problem: 'authority-exists' });
    expect(contentsOf(desk.path('out'))).toBe(before);
  });

  const written = (name: string, text: string) => {
    writeFileSync(desk.path(name), text);
    return [name];
  };
  const bad: readonly (readonly [what: string, prepare: () => readonly string[], code: string])[] = [
    ['a path that is not there', () => ['nothing/here'], 'import-missing'],
    [
      'an empty folder',
      () => {
        mkdirSync(desk.path('empty'), { recursive: true });
        return ['empty'];
      },
      'import-nothing',
    ],
    ['a file of garbage', () => written('noise', '\u0000\u0001\u00ff'), 'import-strange'],
    ['a built table', () => written('map.db', 'x\0y'), 'import-strange'],
    [
      'a truncated certificate',
      () => {
        const pem = readFileSync(desk.path('demoCA/cacert.pem'), 'utf8');
        return written('cut.pem', pem.slice(pem.indexOf('-----BEGIN'), -200));
      },
      'import-damaged',
    ],
    ['a device', () => ['/dev/null'], 'import-kind'],
    [
      'two authorities with their keys',
      () => {
        if (!existsSync(desk.path('second'))) new DemoCa(desk.path('second'), 'Second CA');
        return ['demoCA', 'second'];
      },
      'import-authorities',
    ],
    [
      'an authority that has expired',
      () => {
        if (!existsSync(desk.path('late')))
          new DemoCa(desk.path('late'), 'Late CA', {
            validity: ['-startdate', '20200101000000Z', '-enddate', '20200201000000Z'],
          });
        return ['late'];
      },
      'authority-expired',
    ],
  ];
  it.each(bad)('refuses %s, and writes nothing', async (_what, prepare, code) => {
    const ran = await desk.run('init', '--import', ...prepare(), '--client', 'x.example.com', ...server);
    expect(ran).toMatchObject({ code: 2, problems: [{ code }] });
    expect(ran.problems[0]?.message).toMatch(/[^.]$/);
    expect(existsSync(desk.path('out/inventory.json'))).toBe(false);
  });
});

describe.skipIf(needs('openssl'))('an authority whose key is encrypted', () => {
  const desk = new Desk(new Date());
  beforeAll(() => {
    new DemoCa(desk.path('ca'), 'Closed CA', { passphrase: 'open sesame' });
    writeFileSync(desk.path('right'), 'open sesame\n', { mode: 0o600 });
    writeFileSync(desk.path('wrong'), 'open barley\n', { mode: 0o600 });
    desk.now = new Date(Date.now() + 1000);
  });

  it.each([
    ['none', [], 'passphrase-missing'],
    ['a wrong one', ['--passphrase-file', 'wrong'], 'passphrase-wrong'],
  ])('is not taken over with %s', async (_what, given, code) => {
    const ran = await desk.run('init', '--import', 'ca', '--client', 'x.example.com', ...given, ...server);
    expect(ran).toMatchObject({ code: 2, problems: [{ code }] });
    expect(existsSync(desk.path('out/inventory.json'))).toBe(false);
    expect(`${ran.stdout}${ran.stderr}${JSON.stringify(ran.problems)}`).not.toContain('barley');
  });

  it('stays encrypted, with rounds enough', async () => {
    const ran = await desk.run(
      'init',
      '--import',
      'ca',
      '--client',
      'x.example.com',
      '--passphrase-file',
      'right',
      ...server,
    );
    expect(ran.code, JSON.stringify(ran.problems)).toBe(0);
    const shown = run(desk.folder, 'openssl', ['asn1parse', '-in', 'out/ca/cakey.pem']);
    expect(shown).toContain('PBES2');
    const rounds = [...shown.matchAll(/INTEGER\s+:([0-9A-F]+)/g)].map((match) => Number.parseInt(match[1] ?? '', 16));
    expect(Math.max(...rounds)).toBeGreaterThanOrEqual(600_000);
    run(desk.folder, 'openssl', ['pkey', '-in', 'out/ca/cakey.pem', '-passin', 'file:right', '-noout']);
    // What is known need not be opened again.
    expect((await desk.json('init', '--import', 'ca', '--yes')).document.changed).toBe(false);
  });
});

describe.skipIf(needs('openssl'))('the folder of step', () => {
  const desk = new Desk(new Date());
  beforeAll(() => {
    const openssl = (...args: readonly string[]) => run(desk.folder, 'openssl', args);
    for (const inner of ['certs', 'secrets', 'config']) mkdirSync(desk.path(`.step/${inner}`), { recursive: true });
    writeFileSync(desk.path('.step/config/ca.json'), '{"root":"certs/root_ca.crt"}');
    writeFileSync(desk.path('pw'), 'stepping\n', { mode: 0o600 });
    // The keys of step are in the older form of EC keys, encrypted by a header (RFC 1421).
    for (const name of ['root_ca', 'intermediate_ca']) {
      openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', `${name}.plain`);
      openssl('ec', '-in', `${name}.plain`, '-aes256', '-passout', 'file:pw', '-out', `.step/secrets/${name}_key`);
    }
    const extensions = (path: string, text: string) => {
      writeFileSync(desk.path(path), text);
      return path;
    };
    const root = extensions(
      'root.ext',
      'basicConstraints=critical,CA:TRUE,pathlen:1\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n',
    );
    openssl(
      'req',
      '-new',
      '-key',
      'root_ca.plain',
      '-subj',
      '/O=Acme/CN=Acme "Root" CA\u00e9',
      '-utf8',
      '-out',
      'root.csr',
    );
    openssl(
      'x509',
      '-req',
      '-in',
      'root.csr',
      '-signkey',
      'root_ca.plain',
      '-days',
      '3650',
      '-extfile',
      root,
      '-out',
      '.step/certs/root_ca.crt',
    );
    const below = extensions(
      'below.ext',
      'basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n',
    );
    openssl('req', '-new', '-key', 'intermediate_ca.plain', '-subj', '/CN=Acme Intermediate', '-out', 'below.csr');
    openssl(
      'x509',
      '-req',
      '-in',
      'below.csr',
      '-CA',
      '.step/certs/root_ca.crt',
      '-CAkey',
      'root_ca.plain',
      '-CAcreateserial',
      '-days',
      '3650',
      '-extfile',
      below,
      '-out',
      '.step/certs/intermediate_ca.crt',
    );
  });
  beforeEach(() => {
    rmSync(desk.path('out'), { recursive: true, force: true });
    // What openssl made is valid from this second on.
    desk.now = new Date(Date.now() + 1000);
  });

  it('gives its root to issue with, and its intermediate is remembered', async () => {
    const ran = await desk.run(
      'init',
      '--import',
      '.step',
      '--client',
      'x.example.com',
      '--passphrase-file',
      'pw',
      ...server,
    );
    expect(ran.code, JSON.stringify(ran.problems)).toBe(0);
    const { document } = await desk.json('status', '--all');
    expect(document.certificates.filter(({ role }: { role: string }) => role === 'authority')).toMatchObject([
      { holder: 'Acme -Root- CAé', state: 'handed' },
      { holder: 'Acme Intermediate', state: 'retired' },
    ]);
    run(desk.folder, 'openssl', [
      'verify',
      '-purpose',
      'sslclient',
      '-CAfile',
      'out/ca/cacert.pem',
      'out/hosts/x.example.com/x.example.com.crt',
    ]);
    expect((await desk.run('render', '--check')).code).toBe(0);
  });

  it('without the key of its root is refused', async () => {
    renameSync(desk.path('.step/secrets/root_ca_key'), desk.path('away'));
    const ran = await desk.run(
      'init',
      '--import',
      '.step',
      '--client',
      'x.example.com',
      '--passphrase-file',
      'pw',
      ...server,
    );
    renameSync(desk.path('away'), desk.path('.step/secrets/root_ca_key'));
    expect(ran).toMatchObject({ code: 2, problems: [{ code: 'authority-below' }] });
  });
});

describe.skipIf(needs('openssl', 'easy-rsa'))('the pki folder of easy-rsa', () => {
  const desk = new Desk(new Date());
  const easyrsaProgram = '/usr/share/easy-rsa/easyrsa';
  const pki = { EASYRSA_PKI: desk.path('pki'), EASYRSA_BATCH: '1' };
  const easyrsa = (...args: readonly string[]) => run(desk.folder, easyrsaProgram, args, pki);
  beforeAll(() => {
    easyrsa('init-pki');
    run(desk.folder, easyrsaProgram, ['build-ca', 'nopass'], { ...pki, EASYRSA_REQ_CN: 'Easy CA' });
    easyrsa('build-client-full', 'a.example.com', 'nopass');
    easyrsa('build-client-full', 'gone.example.com', 'nopass');
    easyrsa('build-server-full', 'relay.example.com', 'nopass');
    easyrsa('revoke', 'gone.example.com');
    desk.now = new Date(Date.now() + 1000);
  });

  it('is taken over with what it issued and revoked', async () => {
    const before = contentsOf(desk.path('pki'));
    const ran = await desk.run('init', '--import', 'pki', '--client', 'a.example.com', 'gone.example.com', ...server);
    expect(ran.code, JSON.stringify(ran.problems)).toBe(0);
    expect(contentsOf(desk.path('pki'))).toBe(before);
    const { document } = await desk.json('status', '--all');
    const rows: readonly { holder: string; state: string; origin: string }[] = document.certificates;
    expect(rows.map(({ holder, state, origin }) => `${holder}: ${state}, ${origin}`)).toEqual([
      'Easy CA: handed, imported',
      'relay.example.com: handed, imported',
      'a.example.com: handed, imported',
      // The old one stays revoked; the client was named, so it has a new one.
      'gone.example.com: revoked, elsewhere',
      'gone.example.com: handed, certrelay',
    ]);
  });
});

describe.skipIf(needs('openssl', 'setpriv'))('files that this user may not read', () => {
  const desk = new Desk(new Date());

  it('end the import with the names of the files', () => {
    mkdirSync(desk.path('ca/private'), { recursive: true });
    run(desk.folder, 'openssl', [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      '/CN=X',
      '-keyout',
      'ca/private/key.pem',
      '-out',
      'ca/cert.pem',
    ]);
    chmodSync(desk.path('ca/private/key.pem'), 0o600);
    for (const folder of ['.', 'ca', 'ca/private']) chmodSync(desk.path(folder), 0o755);
    cpSync(dirname(cli), desk.path('dist'), { recursive: true });
    cpSync(join(dirname(cli), '../templates'), desk.path('templates'), { recursive: true });
    const asNobody =
      process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : undefined;
    if (asNobody === undefined) chmodSync(desk.path('ca/private/key.pem'), 0);
    const command = [
      ...(asNobody ?? ['env']),
      process.execPath,
      desk.path('dist/cli.js'),
      'init',
      '--import',
      'ca',
      '--client',
      'x.example.com',
      '--out',
      '/tmp/certrelay-never',
      ...server,
    ];
    const script = `${command.map((word) => `'${word}'`).join(' ')} 2>&1; echo "exit $?"`;
    const said = run(desk.folder, 'sh', ['-c', script]);
    expect(said).toContain('private/key.pem": permission denied');
    expect(said).toContain('exit 1');
  });
});

describe('the command that does without the wizard', () => {
  it('names what was taken over', () => {
    const options = { import: ['old pki', 'relay_clientcerts'], server: ['s.example.com'] };
    expect(equivalentCommand(options)).toBe(
      "certrelay init --import 'old pki' relay_clientcerts --server s.example.com --yes",
    );
  });
});

describe('a map of a hundred thousand lines', () => {
  const desk = new Desk(new Date());

  it('is taken over whole', () => {
    const lines = Array.from({ length: 100_000 }, (_, index) => {
      const hex = index.toString(16).padStart(40, '0').toUpperCase();
      return `${hex.replace(/(..)(?=.)/g, '$1:')} c${index}.example.com\n`;
    });
    writeFileSync(desk.path('map'), lines.join(''));
    appendFileSync(desk.path('map'), 'garbage\n');
    copyFileSync(desk.path('map'), desk.path('copy'));
    // The bundle, for a test runner takes several times as long for loops of this length.
    const said = run(desk.folder, process.execPath, [cli, 'init', '--import', 'map', '--quiet', ...server]);
    expect(said).toBe('');
    const present = new Set(readLines(desk.path(map)));
    expect(lines.every((line) => present.has(line.trimEnd()))).toBe(true);
    expect(readFileSync(desk.path('map')).equals(readFileSync(desk.path('copy')))).toBe(true);
  }, 120_000);
});
