import { greet as greetServer } from '../../probe/greeting.ts';
import type { StepKind } from '../steps.ts';
import { backUp, drop, record } from './backing-up.ts';
import { type Installing, type Judged, StepFailure, type StepHandler, succeeded, type Work } from './handler.ts';
import { compare, edit, label, place } from './placing.ts';
import { end, keep, repair } from './repairing.ts';
import { restore } from './restoring.ts';
import { askNew, build, query, stage } from './staging.ts';

const check: StepHandler<'check', Work> = {
  perform(_step, { programs }) {
    succeeded(programs.postfix('check'));
  },
};

/** The configuration as it now lies there, read once more and judged. */
const judge: StepHandler<'judge', Judged> = {
  async perform(_step, work) {
    const wrong = await work.judge();
    if (wrong !== undefined) throw wrong;
  },
};

const reload: StepHandler<'reload', Work> = {
  perform(_step, { programs }) {
    succeeded(programs.postfix('reload'));
    succeeded(programs.postfix('status'));
  },
  isSeen: true,
};

/** For a first answer of the new server; those of before the reload go as soon as they have nothing to do. */
const settling = 300;
/** postscreen(8) lets those whom it does not know wait for six seconds; where the server dies, master(8) lets all wait. */
const patience = 12_000;

const greet: StepHandler<'greet', Work> = {
  async perform({ listener }, { sleep }) {
    await sleep(settling);
    const greeted = await greetServer(listener, patience);
    if (!greeted.ok) throw new StepFailure(greeted.reason);
  },
};

/** The kinds that a repair is made of. */
export const repairHandlers = { keep, repair, check, judge, reload, end } as const;

/** How each kind of step is done and taken back. */
export const handlers: { readonly [Kind in StepKind]: StepHandler<Kind, Installing> } = {
  ...{ stage, build, 'ask-new': askNew, 'back-up': backUp, place, label, edit, compare },
  ...{ restore, check, query, judge, reload, greet, record, drop, keep, repair, end },
};

/** The kinds that an undo is made of; they need nothing that only an installation has. */
export const undoHandlers = { restore, check, reload, greet, drop } as const;
