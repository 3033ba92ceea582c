import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { AppliedHost } from './lab/applied-host.ts';
import { snapshotOf } from './lab/snapshot.ts';

/** The commands of the blocks that are for a host, in a document. */
function commandsOf(document: string): readonly { readonly text: string; readonly exit: number }[] {
  const text = readFileSync(fileURLToPath(new URL(`../../../${document}`, import.meta.url)), 'utf8');
  const blocks = [...text.matchAll(/^```sh host\n([\s\S]*?)^```$/gm)].map(([, body = '']) => body);
  return blocks
    .flatMap((body) => body.split('\n'))
    .filter((line) => line.startsWith('certrelay apply'))
    .map((line) => ({ text: line.replace(/\s+#.*$/, ''), exit: Number(/# exit (\d+)/.exec(line)?.[1] ?? 0) }));
}

const missing = needs('root', 'netns', 'debian-postfix', 'postfix', 'openssl');

describe.skipIf(missing).each([
  ['docs/apply.md', 6],
  ['README.md', 3],
])('what %s shows of certrelay apply', (document, count) => {
  let host: AppliedHost;

  beforeAll(async () => {
    host = await AppliedHost.start();
  });

  afterAll(() => host?.stop());

  it('works on a host, in its order, and leaves nothing that was not taken back', async () => {
    const commands = commandsOf(document);
    expect(commands).toHaveLength(count);
    const before = snapshotOf(host.machine);
    for (const { text, exit } of commands) {
      const [, , ...args] = text.split(' ');
      const { status, stdout, stderr } = await host.runOn(...args);
      expect([text, status, stderr], stdout).toEqual([text, exit, '']);
    }
    if (commands.some(({ text }) => text.includes('--undo --yes'))) expect(snapshotOf(host.machine)).toEqual(before);
  });
});
