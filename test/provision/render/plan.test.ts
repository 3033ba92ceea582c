import { describe, expect, it } from 'vitest';
import { unifiedDiff } from '../../../src/lib/diff.ts';
import { plan } from '../../../src/provision/render/plan.ts';
import { inputOf, templates } from './world.ts';

describe('a plan', () => {
  const planned = plan(inputOf(['server.example.com'], ['client.example.com']), templates);
  const disk = new Map(planned.outputs.map(({ to, content }) => [to, content]));

  it('shows what a revoked certificate takes away, and nothing else', () => {
    const revoked = plan(
      inputOf(['server.example.com'], ['client.example.com'], {}, [
        { holder: 'server.example.com', role: 'server' },
        { holder: 'client.example.com', role: 'client', events: ['admitted', 'revoked'] },
      ]),
      templates,
    );
    const changed = revoked.outputs.filter(({ to, content }) => disk.get(to) !== content);
    expect(changed.filter(({ to }) => to.endsWith('/main.cf'))).toEqual([]);
    const map = changed.find(({ to }) => to.endsWith('/relay_clientcerts'));
    const diff = unifiedDiff('old', 'new', disk.get(map?.to ?? '') ?? '', map?.content ?? '');
    expect(diff).toMatch(/^-[0-9A-F:]+ client\.example\.com$/m);
    expect(diff).not.toMatch(/^\+[^+]/m);
  });

  it('is the same for the same input: nothing depends on the order of the inventory', () => {
    const there = plan(inputOf(['server.example.com'], ['b.example.com', 'a.example.com']), templates);
    const back = plan(
      inputOf(['server.example.com'], ['a.example.com', 'b.example.com'], {}, [
        { holder: 'server.example.com', role: 'server' },
        { holder: 'b.example.com', role: 'client' },
        { holder: 'a.example.com', role: 'client' },
      ]),
      templates,
    );
    expect(back.outputs).toEqual(there.outputs);
  });
});
