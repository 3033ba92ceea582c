import type { Command } from '../command.ts';
import { add } from './add.ts';
import { apply } from './apply.ts';
import { audit } from './audit.ts';
import { compare } from './compare.ts';
import { completion } from './completion.ts';
import { explain } from './explain.ts';
import { fingerprint } from './fingerprint.ts';
import { init } from './init.ts';
import { man } from './man.ts';
import { probe } from './probe.ts';
import { publish } from './publish.ts';
import { remove } from './remove.ts';
import { render } from './render.ts';
import { restrictions } from './restrictions.ts';
import { rotate } from './rotate.ts';
import { simulate } from './simulate.ts';
import { status } from './status.ts';
import { timer } from './timer.ts';
import { verify } from './verify.ts';

/** Commands that help shows under one heading. */
export interface CommandGroup {
  readonly heading: string;
  readonly commands: readonly Command[];
}

/** Every command, in the order in which help lists them. Rows are light; what a command needs is loaded by its run. */
export const commandGroups: readonly CommandGroup[] = [
  { heading: 'Set up and maintain:', commands: [init, add, remove, rotate, render, publish, status, timer] },
  { heading: 'On a host:', commands: [apply, probe, fingerprint] },
  { heading: 'Ask the simulator:', commands: [verify, simulate, explain, audit, compare, restrictions] },
  { heading: 'Shell integration:', commands: [completion, man] },
];

export const commands: readonly Command[] = commandGroups.flatMap((group) => group.commands);
