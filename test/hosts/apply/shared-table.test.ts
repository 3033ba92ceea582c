import { describe, expect, it } from 'vitest';
import { settingsWithElements, tableContradiction } from '../../../src/hosts/apply/shared-table.ts';
import { type Manifest, readManifest } from '../../../src/hosts/programs/manifest.ts';
import { parseVersion } from '../../../src/policy/postfix/version.ts';
import { databaseView, installScript, serverView } from '../../provision/render/install/sample.ts';

const read = readManifest(installScript(databaseView()));
if ('code' in read) throw new Error(read.message);
const manifest: Manifest = read;
const version = parseVersion('3.7');
if ('code' in version) throw new Error(version.message);

const question = "query = SELECT client FROM certrelay.relay_clientcerts WHERE fingerprint = upper('%s')";
const hosts = 'hosts = postgresql://certrelay_reader@db.example.com/certrelay?sslmode=verify-full';
const wrong = (text: string, changed: Partial<Manifest> = {}) =>
  tableContradiction({ ...manifest, ...changed }, new Map([['relay_clientcerts.pgsql', Buffer.from(text)]]), version);

describe('the folder of a server whose table is in a database', () => {
  it('says so in its install.sh, and others do not', () => {
    expect(manifest.tables).toEqual([
      {
        ...{ type: 'proxy:pgsql', path: '/etc/postfix/certrelay/relay_clientcerts.pgsql', file: 'relay_clientcerts' },
        password: '/etc/postfix/certrelay.pgpass',
      },
    ]);
    expect(manifest.elements).toEqual([{ name: 'proxy_read_maps', element: '$relay_clientcerts' }]);
    expect(manifest.files).toContainEqual({ name: 'relay_clientcerts.pgsql', mode: 0o640 });
    expect(manifest.settings.map(({ name }) => name)).not.toContain('proxy_read_maps');
    const other = readManifest(installScript(serverView()));
    expect('code' in other || [other.tables, other.elements]).toEqual([[], []]);
  });

  it('is as certrelay renders it', () => {
    expect(wrong(`# a comment\n${hosts}\ndbname = certrelay\n${question}\n`)).toBeUndefined();
  });

  it.each([
    ['another question', `${hosts}\nquery = SELECT 'everybody'\n`],
    ['a question of its own behind ours', `${hosts}\n${question}\n  OR true\n`],
    ['a password', `${hosts}\npassword = geheim\n${question}\n`],
    ['an answer of its own', `${hosts}\n${question}\nresult_format = OK\n`],
    ['a password in a URI', `hosts = postgresql://u:geheim@db.example.com/x\n${question}\n`],
    ['a server of which libpq asks no proof', `hosts = postgresql://db.example.com/x\n${question}\n`],
    ['one on loopback', `hosts = postgresql://127.0.0.1/x?sslmode=prefer\n${question}\n`],
    ['a server that need not prove who it is', `hosts = postgresql://db.example.com/x?sslmode=require\n${question}\n`],
    ['no URI', `hosts = db.example.com\n${question}\n`],
    ['no database', `${question}\n`],
    ['no question', `${hosts}\n`],
    ['nothing', ''],
  ])('is refused with %s', (_, text) => {
    const said = wrong(text);
    expect(said).toBeTypeOf('string');
    expect(said).not.toContain('geheim');
  });

  it('adds nothing to other lists, and nothing else to that one', () => {
    const text = `${hosts}\n${question}\n`;
    for (const element of [
      { name: 'proxy_read_maps', element: 'proxy:unix:passwd.byname' },
      { name: 'mynetworks', element: '0.0.0.0/0' },
      { name: 'proxy_write_maps', element: '$relay_clientcerts' },
    ]) {
      expect(wrong(text, { elements: [element] })).toMatch(/^install\.sh adds /);
    }
    const [table] = manifest.tables;
    if (table === undefined) throw new Error('there is no table');
    expect(wrong(text, { tables: [{ ...table, path: '/etc/passwd' }] })).toMatch(/not one of its own/);
    expect(wrong(text, { tables: [{ ...table, password: '/etc/$(id)' }] })).toMatch(/no file for a password/);
  });
});

describe('a list of the host', () => {
  const grown = (list: string) => settingsWithElements(manifest, () => list)[0]?.value;

  it.each([
    ['', '$relay_clientcerts'],
    ['$transport_maps', '$transport_maps $relay_clientcerts'],
    ['$transport_maps, hash:/etc/own', '$transport_maps, hash:/etc/own $relay_clientcerts'],
    ['$relay_clientcerts', '$relay_clientcerts'],
    ['$transport_maps,$relay_clientcerts', '$transport_maps,$relay_clientcerts'],
    ['$relay_clientcerts_own', '$relay_clientcerts_own $relay_clientcerts'],
  ])('%j becomes %j', (list, wanted) => expect(grown(list)).toBe(wanted));
});
