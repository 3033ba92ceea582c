import { describe, expect, it } from 'vitest';
import { type AnswerSources, readAnswers } from '../../../src/provision/settings/answers.ts';
import { clientPort, portWords } from '../../../src/provision/settings/service-port.ts';
import type { Inventory } from '../../../src/provision/settings/types.ts';

const named = { server: ['server.example.com'], client: ['client.example.com'], postfix: '3.7' };
const read = () => '';

function settle(flags: AnswerSources['flags'], existing?: Inventory, config?: Record<string, unknown>) {
  const answers = readAnswers({
    ...{ flags: { ...named, ...flags }, presets: [], read, existing },
    ...(config === undefined ? {} : { config: { file: 'setup.yaml', values: config } }),
  });
  return answers.kind === 'complete'
    ? { inventory: answers.inventory, notes: answers.notes.map(({ code }) => code), problems: [] }
    : { inventory: undefined, notes: [], problems: answers.problems.map(({ code }) => code) };
}

const settingsOf = (flags: AnswerSources['flags'], existing?: Inventory) => settle(flags, existing).inventory?.settings;

describe('--dedicated-port', () => {
  it('is the port of the clients, and absent by default', () => {
    expect(settingsOf({})).not.toHaveProperty('dedicatedPort');
    const settings = settingsOf({ dedicatedPort: '2525' });
    expect(settings).toMatchObject({ dedicatedPort: 2525, relayPort: 25 });
    expect(settings === undefined ? undefined : clientPort(settings)).toBe(2525);
    expect(settings === undefined ? undefined : portWords(settings)).toBe('port 2525, a dedicated service');
    expect(portWords({ relayPort: 587 })).toBe('port 587');
  });

  it('is kept by a later run, moved, and taken back to the port of before', () => {
    const { inventory } = settle({ dedicatedPort: '2525', relayPort: '2525' });
    expect(settingsOf({}, inventory)).toMatchObject({ dedicatedPort: 2525 });
    expect(settingsOf({ dedicatedPort: '465' }, inventory)).toMatchObject({ dedicatedPort: 465 });
    expect(settingsOf({ dedicatedPort: 'off' }, inventory)).not.toHaveProperty('dedicatedPort');
    const before = settle({ relayPort: '587' }).inventory;
    const between = settle({ dedicatedPort: '2525' }, before).inventory;
    expect(settingsOf({ dedicatedPort: 'off' }, between)).toMatchObject({ relayPort: 587 });
  });

  it('tells in which order hosts go to another port', () => {
    const hintOf = (flags: AnswerSources['flags'], existing?: Inventory) => {
      const { notes } = readAnswers({ flags: { ...named, ...flags }, presets: [], read, existing });
      return notes.find(({ code }) => code === 'service-moved')?.hint;
    };
    const usual = settle({}).inventory;
    const { inventory } = settle({ dedicatedPort: '2525' });
    expect(hintOf({ dedicatedPort: '2525' }, usual)).toMatch(/^install the clients first, then the servers:/);
    expect(hintOf({ dedicatedPort: 'off' }, inventory)).toMatch(/^install the servers first, then the clients:/);
    for (const existing of [undefined, inventory]) expect(hintOf({ dedicatedPort: '2525' }, existing)).toBeUndefined();
  });

  it.each(['25', '0', '65536', 'on', '-1', '2525x', ' 2525', '1e3', ''])('is not "%s"', (dedicatedPort) => {
    expect(settle({ dedicatedPort }).problems).toEqual([dedicatedPort === '25' ? 'service-port-25' : 'service-port']);
  });

  it('can stand in a file of answers, as a number and as a word', () => {
    expect(settle({}, undefined, { 'dedicated-port': 2525 }).inventory?.settings).toMatchObject({
      dedicatedPort: 2525,
    });
    expect(settle({}, undefined, { 'dedicated-port': 'off' }).inventory?.settings).not.toHaveProperty('dedicatedPort');
    expect(settle({}, undefined, { 'dedicated-port': false }).problems).toEqual(['config-value-kind']);
  });

  it('does not go with another port for the clients', () => {
    const { inventory } = settle({ dedicatedPort: '2525' });
    expect(settle({ dedicatedPort: '2525', relayPort: '587' }).problems).toEqual(['service-relay-port']);
    expect(settle({ relayPort: '587' }, inventory).problems).toEqual(['service-relay-port']);
    expect(settle({ relayPort: '587', dedicatedPort: 'off' }, inventory).problems).toEqual([]);
  });

  it('needs clients that can talk to a wrapped port on 465', () => {
    expect(settle({ dedicatedPort: '465', clientPostfix: '2.11' }).problems).toEqual(['relay-port-needs-version']);
  });

  it('says that networks are nothing to it', () => {
    expect(settle({ dedicatedPort: '2525', mynetworks: '10.0.0.0/8' }).notes).toContain('service-mynetworks');
  });
});
