import { describe, expect, it } from 'vitest';
import { changes } from '../../src/render/changes.ts';
import { plan } from '../../src/render/plan.ts';
import { inputOf, templates } from './world.ts';

describe('changes of a plan against what is there', () => {
  const planned = plan(inputOf(['server.example.com'], ['client.example.com']), templates);
  const disk = new Map(planned.outputs.map(({ to, content }) => [to, content]));

  it('creates everything where nothing is', () => {
    const made = changes(planned, () => undefined);
    expect(made.map(({ kind }) => kind)).toEqual(planned.outputs.map(() => 'create'));
    expect(made.every(({ diff }) => diff.startsWith('--- /dev/null\n+++ hosts/'))).toBe(true);
  });

  it('finds nothing to do where everything is', () => {
    const made = changes(planned, (path) => disk.get(path));
    expect(made.length).toBeGreaterThan(5);
    expect(made.every(({ kind, diff }) => kind === 'unchanged' && diff === '')).toBe(true);
  });

  it('shows what a revoked certificate takes away, and nothing else', () => {
    const revoked = plan(
      inputOf(['server.example.com'], ['client.example.com'], {}, [
        { holder: 'server.example.com', role: 'server' },
        { holder: 'client.example.com', role: 'client', events: ['admitted', 'revoked'] },
      ]),
      templates,
    );
    const made = changes(revoked, (path) => disk.get(path)).filter(({ kind }) => kind !== 'unchanged');
    const map = made.find(({ to }) => to.endsWith('/relay_clientcerts'));
    expect(map?.kind).toBe('update');
    expect(map?.diff).toMatch(/^-[0-9A-F:]+ client\.example\.com$/m);
    expect(map?.diff).not.toMatch(/^\+[^+]/m);
    expect(made.filter(({ to }) => to.endsWith('/main.cf'))).toEqual([]);
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
