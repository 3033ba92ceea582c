import { describe, expect, it } from 'vitest';
import { hold, inventoryOf } from './scripted.ts';

describe('an existing set-up', () => {
  const existing = inventoryOf({
    server: ['mail.example.com'],
    client: ['web1.example.com'],
    os: 'debian12',
    digest: 'sha256',
  });

  it('is described, and asks what to add', async () => {
    const { asker, options } = await hold(
      { 'what is to be done': 'client', 'client host names': 'web2.example.com' },
      {},
      { existing },
    );
    expect(asker.told.join('\n')).toMatch(/mail\.example\.com[\s\S]*web1\.example\.com[\s\S]*sha256/);
    expect(asker.asked).toEqual(['what is to be done', 'client host names', 'write this']);
    expect(options).toEqual({ client: ['web2.example.com'] });
  });

  it('takes new servers alone', async () => {
    const { options } = await hold(
      { 'what is to be done': 'server', 'server host names': 'mx2.example.com' },
      {},
      { existing },
    );
    expect(options).toEqual({ server: ['mx2.example.com'] });
  });

  it('changes only the settings that were answered differently', async () => {
    const { asker, options } = await hold(
      { 'what is to be done': 'settings', 'fingerprint digest': 'sha1', "the server's port": '587' },
      {},
      { existing },
    );
    expect(options).toEqual({ digest: 'sha1', relayPort: '587' });
    expect(asker.asked).not.toContain("the authority's name");
    expect(asker.asked).not.toContain("passphrase of the authority's key");
    expect(asker.asked).not.toContain('client host names');
  });

  it('takes a dedicated service back, and then asks for the port', async () => {
    const served = { ...existing, settings: { ...existing.settings, dedicatedPort: 2525 } };
    const kept = await hold({ 'what is to be done': 'settings' }, {}, { existing: served });
    expect(kept.options).toEqual({});
    expect(kept.asker.asked).not.toContain("the server's port");
    const answers = { 'what is to be done': 'settings', 'port of a dedicated service': 'off' };
    const { asker, options } = await hold(answers, {}, { existing: served });
    expect(options).toEqual({ dedicatedPort: 'off' });
    expect(asker.asked).toContain("the server's port");
  });

  it('changes nothing when nothing is new', async () => {
    const { asker, options } = await hold({ 'what is to be done': 'nothing' }, {}, { existing });
    expect(asker.asked).toEqual(['what is to be done', 'write this']);
    expect(options).toEqual({});
  });

  it.each([{ client: ['web9.example.com'] }, { relayPort: '587' }, { os: 'debian12' }])(
    'asks for leave only after %j',
    async (given) => {
      const { asker, options } = await hold({}, given, { existing });
      expect(asker.asked).toEqual(['write this']);
      expect(options).toEqual(given);
    },
  );

  it('names a few of many hosts', async () => {
    const many = inventoryOf({
      server: ['mail.example.com'],
      client: Array.from({ length: 9 }, (_, n) => `c${n}.example.com`),
    });
    const { asker } = await hold({ 'what is to be done': 'nothing' }, {}, { existing: many });
    expect(asker.told.join('\n')).toContain('c4.example.com, and 4 more');
  });
});
