import { describe, expect, it } from 'vitest';
import { labelCommand, mayListen } from '../../../src/hosts/programs/ports.ts';
import type { Ended } from '../../../src/hosts/programs/programs.ts';

const missing: Ended = { status: 127, stdout: '', stderr: '' };
const said = (stdout: string): Ended => ({ status: 0, stdout, stderr: '' });
const ports = `SELinux Port Type              Proto    Port Number

smtp_port_t                    tcp      25, 465, 587
smtp_port_t                    udp      2525
ssh_port_t                     tcp      22, 2626
`;

const on = (mode: Ended, list: Ended, port = 2525) =>
  mayListen(port, (program) => (program === 'getenforce' ? mode : list));

describe('SELinux', () => {
  it('has no say where it is not, or does not enforce', () => {
    for (const mode of [missing, said('Permissive\n'), said('Disabled\n')]) {
      expect(on(mode, said(ports))).toBe('yes');
    }
  });

  it.each([
    ['as the policy comes', ports, 'no'],
    ['with the port', ports.replace('25, 465', '2525, 25, 465'), 'yes'],
    ['with a range around it', ports.replace('25, 465', '2500-2600, 25, 465'), 'yes'],
    ['with another range', ports.replace('25, 465', '2526-2600, 25, 465'), 'no'],
  ])('lets a mail server listen on its ports: %s', (_, list, may) => {
    expect(on(said('Enforcing\n'), said(list))).toBe(may);
    expect(on(said('Enforcing\n'), said(list), 587)).toBe('yes');
  });

  it('is not known where nothing tells its ports', () => {
    expect(on(said('Enforcing\n'), missing)).toBe('unknown');
  });

  it('is told about the port by its own program', () => {
    expect(labelCommand(2525)).toBe('semanage port -a -t smtp_port_t -p tcp 2525');
  });
});
