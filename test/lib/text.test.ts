import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { shellWord } from '../../src/lib/text.ts';

it.each([
  'server.example.com',
  'my hosts/server',
  "it's",
  '$(id)',
  '`id`',
  'a"b',
  'a\\b',
  '~root',
  '*',
  '',
  'line\nbreak',
])('writes %j as one word for a shell', (word) => {
  expect(spawnSync('sh', ['-c', `printf %s ${shellWord(word)}`], { encoding: 'utf8' }).stdout).toBe(word);
});
