import { describe, expect, it } from 'vitest';
import { audit } from '../../../src/policy/explore/audit.ts';
import { compare } from '../../../src/policy/explore/compare.ts';
import { readConfig } from '../../../src/policy/postfix/read-config.ts';

const closed = 'permit_mynetworks, reject_unauth_destination';
/** Lets anybody in who says the right word. */
const open = 'permit_mynetworks, check_helo_access inline:{letmein=OK}, reject_unauth_destination';
const releases = ['2.9', '2.10', '2.11', '3.0', '3.2', '3.4', '3.5', '3.7', '3.8', '3.10', '3.11'];

/** A server with these settings of which no table was given. */
function server(settings: Readonly<Record<string, string>>, version = '3.7') {
  return readConfig({
    version,
    mainCf: { myhostname: 'mx.lab.test', mydestination: 'lab.test', mynetworks: '127.0.0.0/8', ...settings },
    absentTables: 'open',
  });
}

/** One that has this list against relaying, and tables of this parameter. */
function guarded(list: string, parameter: string, tables: string, version = '3.7') {
  const guard = version === '2.9' ? 'smtpd_recipient_restrictions' : 'smtpd_relay_restrictions';
  const proxied = `${tables.replaceAll(',', ' ')} $local_recipient_maps`;
  return server({ [guard]: list, [parameter]: tables, proxy_read_maps: proxied }, version);
}

function found(config: ReturnType<typeof server>) {
  const { ways, relay, contradicted, fatal } = audit(config);
  return { relay, fatal, contradicted: contradicted.length, ways: ways.map(({ title }) => title).sort() };
}

const networks = 'client address in mynetworks';
const itsOwn = { relay: 'closed', fatal: undefined, contradicted: 0, ways: [networks] };
const anybodys = { ...itsOwn, relay: 'open', ways: [networks, 'helo name listed in inline:{letmein=OK}'] };

/** Lists that say what is the server's own, and the maps that are asked about addresses. */
const lists = ['virtual_alias_domains', 'virtual_mailbox_domains', 'relay_domains', 'mydestination'];
const maps = [
  ...['virtual_alias_maps', 'virtual_mailbox_maps', 'relay_recipient_maps', 'local_recipient_maps', 'transport_maps'],
  ...['relocated_maps', 'canonical_maps', 'recipient_canonical_maps', 'sender_canonical_maps'],
];
const tables = [
  ...['hash:/t', 'btree:/t', 'cdb:/t', 'texthash:/t', 'proxy:hash:/t', 'mysql:/t.cf', 'pgsql:/t.cf', 'ldap:/t.cf'],
  ...['hash:/t, mysql:/u.cf', 'mysql:/t.cf, proxy:pgsql:/u.cf', 'inline:{x.lab.test=x}, hash:/t'],
];

describe('with tables that were not given', () => {
  it.each([...lists, ...maps])('of %s, an open relay is one, and a closed one is none', (parameter) => {
    for (const table of tables) {
      expect([table, found(guarded(open, parameter, table))]).toEqual([table, anybodys]);
      expect([table, found(guarded(closed, parameter, table))]).toEqual([table, itsOwn]);
    }
  });

  it.each(lists)('in the file of %s, an open relay is one, and a closed one is none', (parameter) => {
    expect(found(guarded(open, parameter, '/etc/postfix/domains'))).toEqual(anybodys);
    expect(found(guarded(closed, parameter, 'lab.test !/etc/postfix/domains /more'))).toEqual(itsOwn);
  });

  it.each(releases)('an open relay of %s is one', (version) => {
    for (const parameter of [...lists, ...maps]) {
      const list = version.startsWith('2.') ? open.replace('inline:{letmein=OK}', 'static:OK') : open;
      const { relay, contradicted } = found(guarded(list, parameter, 'hash:/t', version));
      expect([parameter, relay, contradicted]).toEqual([parameter, 'open', 0]);
      expect([parameter, found(guarded(closed, parameter, 'hash:/t', version))]).toEqual([parameter, itsOwn]);
    }
  });

  it.each(['pcre:/t', 'regexp:/t', 'cidr:/t', 'tcp:localhost:1', 'unionmap:{hash:/t,pcre:/u}'])(
    '%s may list everybody: an open relay is one if it does not',
    (table) => {
      for (const parameter of lists) {
        expect(found(guarded(open, parameter, table)).relay).toBe('depends');
        expect(found(guarded(closed, parameter, table))).toEqual(itsOwn);
      }
    },
  );

  it('of every parameter at once, the paths are few', () => {
    const all = Object.fromEntries([...lists, ...maps].map((parameter) => [parameter, `mysql:/${parameter}.cf`]));
    const login = { smtpd_sasl_auth_enable: 'yes', smtpd_sender_login_maps: 'mysql:/logins.cf' };
    const guard = { smtpd_relay_restrictions: closed, smtpd_sender_restrictions: 'reject_sender_login_mismatch' };
    const { relay, paths, contradicted } = audit(server({ ...all, ...login, ...guard }));
    expect([relay, contradicted.length]).toEqual(['closed', 0]);
    expect(paths).toBeLessThan(5000);
  });
});

describe('an element that only a domain of the server itself comes to', () => {
  it('is reached where a table that was not given may have domains', () => {
    const lists = { smtpd_relay_restrictions: 'permit_mynetworks, permit_auth_destination, reject' };
    const { unreached, relay } = audit(
      server({ ...lists, mydestination: '', virtual_mailbox_domains: 'hash:/domains' }),
    );
    expect([unreached, relay]).toEqual([[], 'closed']);
  });
});

describe('an access table that was not given', () => {
  it('which may let in or keep out a client leaves an open relay open', () => {
    const list = 'check_client_access hash:/blocked, check_helo_access static:OK, reject_unauth_destination';
    expect(audit(server({ smtpd_relay_restrictions: list })).relay).toBe('open');
  });

  it('which may permit a sender makes an open relay if it does', () => {
    const list = 'check_sender_access hash:/friends, reject_unauth_destination';
    expect(audit(server({ smtpd_relay_restrictions: list })).relay).toBe('depends');
  });
});

describe("the networks of the host's interfaces", () => {
  it('are not anybody', () => {
    const config = readConfig({
      version: '2.9',
      mainCf: { smtpd_recipient_restrictions: closed },
      absentTables: 'open',
    });
    expect(audit(config).relay).toBe('closed');
  });
});

describe('two configurations', () => {
  it('differ by what opens one of them, whatever a table says that neither gave', () => {
    const [before, after] = [closed, open].map((list) => guarded(list, 'virtual_alias_maps', 'hash:/virtual'));
    if (before === undefined || after === undefined) throw new Error('two servers');
    expect(compare(before, after).changes.map(({ kind }) => kind)).toEqual(['newly permitted']);
    expect(compare(before, before).changes).toEqual([]);
  });
});
