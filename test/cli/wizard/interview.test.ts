import { describe, expect, it } from 'vitest';
import type { Options } from '../../../src/cli/command.ts';
import { interview } from '../../../src/cli/wizard/interview.ts';
import { CertrelayError } from '../../../src/lib/problem.ts';
import { contextOf, hold, ScriptedAsker } from './scripted.ts';

const names = { 'server host names': 'mail.example.com', 'client host names': 'web1.example.com' };
const systems = { "the server's operating system": 'debian12' };
const shortSet = [
  'server host names',
  'client host names',
  "the server's operating system",
  "the clients' operating system",
  'fingerprint digest',
  "passphrase of the authority's key",
  'use the defaults for the rest',
  'write this',
];

async function refusedBy(run: Promise<unknown>): Promise<CertrelayError> {
  const error = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof CertrelayError)) throw new Error(`no refusal but ${String(error)}`);
  return error;
}

describe('a new set-up', () => {
  it('asks the short set in order, and enter takes what is recommended', async () => {
    const { asker, options, passphrase } = await hold({ ...names, ...systems });
    expect(asker.asked).toEqual(shortSet);
    expect(options).toEqual({
      server: ['mail.example.com'],
      client: ['web1.example.com'],
      os: 'debian12',
      clientOs: 'debian12',
      digest: 'sha256',
    });
    expect(passphrase).toBeUndefined();
  });

  it('takes several names, separated by commas, blanks or both', async () => {
    const { options } = await hold({
      ...names,
      ...systems,
      'client host names': ' a.example.com,b.example.com  c.example.com,',
    });
    expect(options.client).toEqual(['a.example.com', 'b.example.com', 'c.example.com']);
  });

  it('takes the clients from a file that can be read', async () => {
    const { asker, options } = await hold({ ...names, ...systems, 'client host names': ['@none.txt', '@clients.txt'] });
    expect(asker.refusals).toEqual([expect.stringContaining('cannot read "none.txt"')]);
    expect(options.clientsFile).toBe('clients.txt');
    expect(options.client).toBeUndefined();
  });

  it('refuses names until they are names, and says why with a hint', async () => {
    const { asker, options } = await hold({
      ...names,
      ...systems,
      'server host names': [
        '',
        ' , ',
        'under_score.example.com',
        '../etc',
        'a.example.com a.example.com',
        'mail.example.com',
      ],
    });
    expect(asker.refusals).toHaveLength(5);
    expect(asker.refusals[2]).toMatch(/under_score.*\nhint: /s);
    expect(options.server).toEqual(['mail.example.com']);
  });

  it('asks for a version when no listed system fits, and checks it', async () => {
    const { asker, options } = await hold({
      ...names,
      "the server's operating system": 'version',
      "the server's Postfix version": ['', '4.2', 'latest', '2.10'],
      "the clients' operating system": 'version',
      "the clients' Postfix version": '3.5',
    });
    expect(asker.refusals).toHaveLength(3);
    expect(options).toMatchObject({ postfix: '2.10', clientPostfix: '3.5' });
    expect(options.os).toBeUndefined();
  });

  it("offers this machine's Postfix, and the same for the clients", async () => {
    const { options } = await hold(
      { ...names, "the server's operating system": 'machine' },
      {},
      { detectedPostfix: '3.7.11' },
    );
    expect(options).toMatchObject({ postfix: '3.7.11', clientPostfix: '3.7.11' });
  });

  it('takes the passphrase twice, and starts over when the two differ', async () => {
    const { asker, options, passphrase } = await hold({
      ...names,
      ...systems,
      "passphrase of the authority's key": ['one', 'correct'],
      'the same again': ['two', 'correct'],
    });
    expect(passphrase).toBe('correct');
    expect(JSON.stringify([options, asker.told])).not.toContain('correct');
    expect(asker.told).toContain('the two are not the same; once more from the start');
  });

  it('asks the rest when the defaults are not wanted, and offers no choice that the versions rule out', async () => {
    const { asker, options } = await hold({
      ...names,
      "the server's operating system": 'centos7',
      'use the defaults for the rest': false,
      'key type': ['ed25519', 'ec-p384'],
      "the server's port": ['70000', '465', '587'],
      'let SASL users relay as well': false,
      'what others get': 'reject',
      'only for these domains': ['example.org', 'example.com'],
    });
    expect(asker.asked.slice(shortSet.length - 1, -1)).toContain('folder on the hosts');
    expect(asker.refusals).toHaveLength(4);
    expect(asker.refusals[0]).toContain('ed25519');
    expect(options).toMatchObject({
      keyType: 'ec-p384',
      relayPort: '587',
      permitSasl: false,
      unauthorized: 'reject',
      constrain: ['example.com'],
    });
    expect(options.policy).toBeUndefined();
  });

  it('asks nothing of the other services where clients have a service of their own', async () => {
    const { asker, options } = await hold({
      ...names,
      "the server's operating system": 'debian12',
      'use the defaults for the rest': false,
      'port of a dedicated service': ['25', '2525'],
    });
    expect(asker.refusals).toEqual([expect.stringContaining("port 25 is where everybody's mail comes in")]);
    expect(options).toMatchObject({ dedicatedPort: '2525' });
    expect(options).not.toHaveProperty('relayPort');
    const others = ["the server's port", 'let SASL users relay as well', 'networks without certificate'];
    expect(asker.asked.filter((question) => others.includes(question))).toEqual([]);
    expect(asker.asked).toContain('restriction list');
  });

  it('asks for the issuer of a certificate that the server keeps, until there is one', async () => {
    const { asker, options } = await hold({
      ...names,
      ...systems,
      'use the defaults for the rest': false,
      "the server's certificate": 'keep',
      "file with its issuer's certificate": ['', 'clients.txt', 'issuer.pem'],
    });
    expect(asker.refusals).toEqual([expect.stringContaining('issuer'), expect.stringContaining('PEM')]);
    expect(options).toMatchObject({ serverCert: 'keep', serverCa: 'issuer.pem' });
  });
});

describe('flags', () => {
  it('settle their questions', async () => {
    const given = {
      server: ['mail.example.com'],
      clientsFile: 'clients.txt',
      postfix: '3.5',
      clientOs: 'debian12',
      digest: 'sha1',
      passphraseFile: '/root/phrase',
    };
    const { asker, options } = await hold({}, given);
    expect(asker.asked).toEqual(['use the defaults for the rest', 'write this']);
    expect(options).toEqual(given);
  });

  it('lead the clients to the same version as the server', async () => {
    const { options } = await hold(names, { postfix: '3.5' });
    expect(options).toMatchObject({ postfix: '3.5', clientPostfix: '3.5' });
  });

  it('do not count when commander filled them in', async () => {
    const { asker } = await hold(
      { ...names, ...systems, 'use the defaults for the rest': false },
      { permitSasl: true, color: true },
    );
    expect(asker.asked).toContain('let SASL users relay as well');
  });

  it('that keep a certificate leave its issuer to be asked, defaults or not', async () => {
    const { options } = await hold(
      { ...names, ...systems, "file with its issuer's certificate": 'issuer.pem' },
      { serverCert: 'keep' },
    );
    expect(options.serverCa).toBe('issuer.pem');
  });

  it('in a file of answers settle their questions as well', async () => {
    const configured = ['server', 'client', 'os', 'digest'];
    const { asker, options } = await hold({}, { config: 'answers.yaml' }, { configured });
    expect(asker.asked).toEqual(shortSet.filter((message) => !/^server|^client|^the server|digest/.test(message)));
    expect(asker.asked[0]).toBe("the clients' operating system");
    expect(options).toEqual({ config: 'answers.yaml' });
  });

  it('that are wrong end it before the first question', async () => {
    const asker = new ScriptedAsker({});
    const error = await refusedBy(interview({ server: ['a b'], relayPort: '1e9' }, contextOf(), asker));
    expect(error.exit).toBe('usage');
    expect(error.problems).toHaveLength(2);
    expect(asker.asked).toEqual([]);
  });

  it('that rule out every choice of a question end it with the reason', async () => {
    const check = ({ digest }: Options) =>
      digest === undefined ? [] : [{ code: 'digest', message: 'no digest will do' }];
    const asker = new ScriptedAsker({ ...names, ...systems });
    const error = await refusedBy(interview({}, contextOf({ check }), asker));
    expect(error.exit).toBe('usage');
    expect(error.message).toBe('no digest will do');
    expect(asker.asked.at(-1)).toBe("the clients' operating system");
  });
});

describe('before anything is written', () => {
  it('the summary shows what would be made by all answers', async () => {
    const seen: Options[] = [];
    const summary = async (options: Options) => {
      seen.push(options);
      return ['the table'];
    };
    const { asker, options } = await hold({ ...names, ...systems }, {}, { summary });
    expect(seen).toEqual([options]);
    expect(asker.told).toContain('the table');
  });

  it('a rehearsal needs no leave', async () => {
    const { asker } = await hold({ ...names, ...systems }, { dryRun: true });
    expect(asker.asked).toEqual(shortSet.slice(0, -1));
  });

  it('a "no" leaves', async () => {
    const asker = new ScriptedAsker({ ...names, ...systems, 'write this': false });
    const error = await refusedBy(interview({}, contextOf(), asker));
    expect(error.exit).toBe('interrupted');
    expect(error.message).toContain('nothing was written');
  });
});
