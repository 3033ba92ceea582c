import { describe, expect, it } from 'vitest';
import { isPending, pendingOf, recordsAfter, settingsUnlessSet } from '../../../src/hosts/apply/pending.ts';
import type { HostFolder } from '../../../src/hosts/apply/read-folder.ts';
import { stepsOf, undoSteps } from '../../../src/hosts/apply/steps.ts';
import type { Target } from '../../../src/hosts/apply/target.ts';
import { entryOf, lineOf, type Manifest, readManifest } from '../../../src/hosts/programs/manifest.ts';
import type { HostView } from '../../../src/provision/render/view.ts';
import { clientView, installDir, installScript, serverView } from '../../provision/render/install/sample.ts';

function manifestOf(view: HostView): Manifest {
  const read = readManifest(installScript(view));
  if ('code' in read) throw new Error(read.message);
  return read;
}

function folderOf(view: HostView): HostFolder {
  const manifest = manifestOf(view);
  const names = [...manifest.files.map(({ name }) => name), ...manifest.maps.map(({ file }) => file)];
  return { path: 'given', manifest, files: new Map(names.map((name) => [name, Buffer.from(`content of ${name}`)])) };
}

const nothing: Target = {
  ...{
    config: '/etc/postfix',
    installDir,
    mailGroup: 0,
    installed: new Map(),
    mainCf: Buffer.alloc(0),
    masterCf: Buffer.alloc(0),
  },
  ...{ set: new Map(), entries: new Map(), backups: [], owned: [], before: [], put: [] },
};

const facts = { tableType: () => 'hash', answering: new Set<string>(), networksStyle: 'host' };

/** A host that has all of a folder. */
function complete(view: HostView): Target {
  const { manifest, files } = folderOf(view);
  const installed = manifest.files.map(
    ({ name, mode }) => [name, { content: files.get(name) ?? Buffer.alloc(0), mode, isRoots: true }] as const,
  );
  return {
    ...nothing,
    installed: new Map(installed),
    set: new Map([...manifest.settings, ...manifest.settingsUnlessSet].map(({ name, value }) => [name, value])),
    entries: new Map(manifest.services.map(({ service, line }) => [service, line.replace(/ /g, '   ')])),
    owned: manifest.settings,
  };
}

const answering = { ...facts, answering: new Set(['relay_clientcerts']) };

describe('what is pending on a host', () => {
  it('is everything where there is nothing', () => {
    const pending = pendingOf(folderOf(serverView()), nothing, facts);
    expect(pending.files.map(({ name }) => name)).toEqual(serverView().files.map(({ name }) => name));
    expect(pending.tables.map(({ type, file }) => `${type}:${file}`)).toEqual(['hash:relay_clientcerts']);
    expect(pending.settings).toHaveLength(serverView().parameters.length);
    expect(pending.settings.every(({ was }) => was === undefined)).toBe(true);
    expect(isPending(pending)).toBe(true);
  });

  it.each([
    ['a server', serverView()],
    ['a client', clientView()],
  ])('is nothing where %s has it all', (_, view) => {
    const pending = pendingOf(folderOf(view), complete(view), answering);
    expect(pending).toMatchObject({
      files: [],
      tables: [],
      settings: [],
      removals: [],
      services: [],
      unfinished: false,
    });
    expect(isPending(pending)).toBe(false);
  });

  it.each([
    ['a file with another content', { content: Buffer.from('x'), mode: 0o644, isRoots: true }],
    ['a file that others may read', { content: Buffer.from('content of cacert.pem'), mode: 0o666, isRoots: true }],
    ["a file that is not root's", { content: Buffer.from('content of cacert.pem'), mode: 0o644, isRoots: false }],
  ])('is %s', (_, file) => {
    const target = complete(serverView());
    const installed = new Map([...target.installed, ['cacert.pem', file] as const]);
    const { files } = pendingOf(folderOf(serverView()), { ...target, installed }, answering);
    expect(files.map(({ name }) => name)).toEqual(['cacert.pem']);
  });

  it('is a table that does not answer, without its source', () => {
    const pending = pendingOf(folderOf(serverView()), complete(serverView()), facts);
    expect([pending.files, pending.tables.map(({ file }) => file)]).toEqual([[], ['relay_clientcerts']]);
  });

  it('is what the postmaster has set otherwise, with what it was', () => {
    const target = complete(serverView());
    const set = new Map([...target.set, ['smtpd_tls_ask_ccert', 'no']]);
    const { settings } = pendingOf(folderOf(serverView()), { ...target, set }, answering);
    expect(settings).toEqual([{ name: 'smtpd_tls_ask_ccert', value: 'yes', was: 'no' }]);
  });

  it("is never a value that gives way to the host's own", () => {
    const target = complete(serverView());
    const set = new Map([...target.set, ['mynetworks', '192.0.2.0/24']]);
    expect(isPending(pendingOf(folderOf(serverView()), { ...target, set }, answering))).toBe(false);
  });

  it('is the entry of master.cf that differs in more than blanks', () => {
    const target = {
      ...complete(clientView()),
      entries: new Map([['certrelay/unix', 'certrelay unix - - n - - smtp']]),
    };
    const { services } = pendingOf(folderOf(clientView()), target, facts);
    expect(services.map(({ service }) => service)).toEqual(['certrelay/unix']);
  });

  it('gives back what an earlier folder had set, unless somebody changed it since', () => {
    const owned = ['smtpd_tls_loglevel = 1', 'smtpd_tls_protocols = x', 'smtpd_tls_ciphers = high'].map(settingOf);
    const target: Target = {
      ...complete(serverView()),
      owned,
      before: [settingOf('smtpd_tls_protocols = y')],
      set: new Map([
        ...complete(serverView()).set,
        ...[['smtpd_tls_loglevel', '1'] as const, ['smtpd_tls_protocols', 'x'] as const],
        ['smtpd_tls_ciphers', 'medium'],
      ]),
    };
    expect(pendingOf(folderOf(serverView()), target, answering)).toMatchObject({
      settings: [{ name: 'smtpd_tls_protocols', value: 'y', was: 'x' }],
      removals: ['smtpd_tls_loglevel'],
    });
  });

  it('is a reload, where a run was cut off', () => {
    const backup = {
      path: '/b',
      name: '20260101T000000Z',
      unfinished: true,
      config: undefined,
      isRepair: false,
      tables: [],
    };
    const backups = [{ ...backup, names: [], settings: [], services: [] }];
    const pending = pendingOf(folderOf(serverView()), { ...complete(serverView()), backups }, answering);
    expect([pending.unfinished, isPending(pending)]).toEqual([true, true]);
  });
});

describe('neighbours', () => {
  const bare = serverView({ parameters: serverView().parameters.filter(({ name }) => name !== 'mynetworks') });
  const names = (target: Partial<Target>, networksStyle: string, view = bare) =>
    settingsUnlessSet(manifestOf(view), { ...nothing, ...target }, { networksStyle }).map(lineOf);

  it('are kept out where the default would be every network the host is attached to', () => {
    expect(names({}, 'subnet')).toEqual(['mynetworks = 127.0.0.0/8, [::1]/128']);
  });

  it("are the host's own business where it says so, on a client, and where the default is the host alone", () => {
    expect(names({}, 'host')).toEqual([]);
    expect(names({ set: new Map([['mynetworks_style', 'subnet']]) }, 'subnet')).toEqual([]);
    expect(names({}, 'subnet', clientView())).toEqual([]);
  });
});

describe('entries of master.cf that an earlier run put there', () => {
  const old = { service: '2525/inet', line: '2525 inet n - n - - smtpd -o smtpd_tls_ask_ccert=yes' };
  const drops = (target: Partial<Target>, view = serverView()) =>
    pendingOf(folderOf(view), { ...complete(view), ...target }, facts).drops;

  it('go when the folder no longer has them, unless somebody edited them since', () => {
    const there = (line: string) => new Map([[old.service, line]]);
    expect(drops({ put: [old], entries: there(old.line.replaceAll(' ', '  ')) })).toEqual([old]);
    expect(drops({ put: [old], entries: there(`${old.line} -o smtpd_banner=mine`) })).toEqual([]);
    expect(drops({ put: [old], entries: new Map() })).toEqual([]);
    expect(drops({ put: [], entries: there(old.line) })).toEqual([]);
  });

  it('stay when it has', () => {
    const view = clientView();
    const target = complete(view);
    const put = [...target.entries].map(([service, line]) => ({ service, line }));
    expect(drops({ put }, view)).toEqual([]);
  });
});

describe('the records beside the backups', () => {
  it('have what was before the first run, through later ones', () => {
    const manifest = manifestOf(clientView());
    const entry = 'certrelay/unix certrelay unix - - y - - smtp -o smtp_tls_security_level=encrypt';
    const before = { set: new Map([['relayhost', 'old.example.com']]), entries: new Map() };
    const first = recordsAfter(manifest, [], nothing, before);
    expect(first).toEqual({
      owned: ['relayhost = [server.example.com]:25', 'default_transport = certrelay'],
      before: ['relayhost = old.example.com'],
      entries: [entry],
    });
    const second = {
      ...{ owned: first.owned.map(settingOf), before: first.before.map(settingOf), put: first.entries.map(entryOf) },
    };
    const now = {
      set: new Map(second.owned.map(({ name, value }) => [name, value])),
      entries: new Map(second.put.map(({ service, line }) => [service, line])),
    };
    expect(recordsAfter(manifest, [], second, now)).toEqual(first);
  });

  const original = (set: readonly (readonly [string, string])[] = []) => ({ set: new Map(set), entries: new Map() });

  it('do not claim an entry that was there as it is wanted', () => {
    const manifest = manifestOf(clientView());
    const there = new Map(manifest.services.map(({ service, line }) => [service, line.replaceAll(' ', '  ')]));
    expect(recordsAfter(manifest, [], nothing, { set: new Map(), entries: there }).entries).toEqual([]);
  });

  it("do not claim a value that gave way to the host's own", () => {
    const manifest = manifestOf(serverView({ parameters: [] }));
    const mynetworks = settingOf('mynetworks = 127.0.0.0/8');
    expect(recordsAfter(manifest, [mynetworks], nothing, original([['mynetworks', '192.0.2.0/24']])).owned).toEqual([]);
    expect(recordsAfter(manifest, [mynetworks], nothing, original()).owned).toEqual(['mynetworks = 127.0.0.0/8']);
  });
});

describe('the steps', () => {
  const listener = { address: '127.0.0.1', port: 25, isWrapped: false, shown: '127.0.0.1 port 25' };
  const kinds = (view: HostView, target: Target, known: typeof facts, runs: boolean) =>
    stepsOf(pendingOf(folderOf(view), target, known), manifestOf(view), { runs, listeners: [listener] }).map(
      ({ kind }) => kind,
    );

  it('build and ask before they back up, back up before they place, and record last', () => {
    expect(kinds(serverView(), nothing, facts, true)).toEqual([
      ...['stage', 'build', 'ask-new', 'back-up', 'place', 'label', 'edit', 'compare'],
      ...['check', 'query', 'judge', 'reload', 'greet', 'record'],
    ]);
  });

  it('edit nothing when no setting is due, and do not reload what does not run', () => {
    expect(kinds(serverView(), complete(serverView()), facts, false)).toEqual([
      ...['stage', 'build', 'ask-new', 'back-up', 'place', 'label', 'compare', 'check', 'query', 'judge', 'record'],
    ]);
  });

  it('judge no client', () => {
    expect(kinds(clientView(), nothing, facts, true)).not.toContain('judge');
  });

  it('return backup by backup, and drop them when all is well', () => {
    const backup = {
      path: '/b',
      name: 'b',
      unfinished: false,
      config: undefined,
      isRepair: false,
      tables: [],
      names: [],
      settings: [],
      services: [],
    };
    const steps = undoSteps([backup, { ...backup, name: 'a' }], { runs: true, listeners: [listener] });
    expect(steps.map(({ kind }) => kind)).toEqual(['restore', 'restore', 'check', 'reload', 'greet', 'drop']);
  });
});

function settingOf(line: string) {
  const [name = '', value = ''] = line.split(' = ');
  return { name, value };
}
