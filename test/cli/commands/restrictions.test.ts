import { describe, expect, it } from 'vitest';
import { workplace } from '../../setup/workplace.ts';

const shell = workplace();

describe('certrelay restrictions', () => {
  it('prints one a line, with argument and meaning', async () => {
    const { status, stdout } = await shell.certrelay('restrictions', '--postfix', '2.10');
    const [head, ...lines] = stdout.trimEnd().split('\n');
    expect([status, head, lines.length]).toEqual([
      0,
      expect.stringMatching(/^70 restrictions that Postfix 2\.10\.\d+ knows$/),
      70,
    ]);
    expect(lines).toContainEqual(expect.stringMatching(/^check_client_access +TABLE +\S/));
    expect(lines).toContainEqual(expect.stringMatching(/^defer_unauth_destination +\S/));
    expect(lines.some((line) => line.startsWith('check_sasl_access'))).toBe(false);
  });

  it('marks what a version answers with an error', async () => {
    const { stdout } = await shell.certrelay('restrictions', '--postfix', '3.9', '--json');
    const document = JSON.parse(stdout);
    expect(document.schema).toBe('certrelay/restrictions@1');
    const removed = document.restrictions.filter(({ until }: { until?: string }) => until === '3.9');
    expect(removed.map(({ name }: { name: string }) => name).sort()).toEqual([
      'check_relay_domains',
      'permit_naked_ip_address',
      'reject_maps_rbl',
    ]);
  });

  it('refuses a version that it does not know', async () => {
    const { status, stderr } = await shell.certrelay('restrictions', '--postfix', '4.0');
    expect([status, stderr]).toEqual([2, expect.stringContaining('outside the range 2.9 to 3.11')]);
  });
});
