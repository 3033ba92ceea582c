import { greet as greetServer } from '../../probe/greeting.ts';
import { type Deed, type Installing, StepFailure, succeeded, type Work } from './deed.ts';

export const check: Deed<'check', Work> = {
  perform(_step, { programs }) {
    succeeded(programs.postfix('check'));
  },
};

/** The configuration as it now lies there, read once more and judged. */
export const judge: Deed<'judge', Installing> = {
  perform(_step, work) {
    const wrong = work.judge();
    if (wrong !== undefined) throw wrong;
  },
};

export const reload: Deed<'reload', Work> = {
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

export const greet: Deed<'greet', Work> = {
  async perform({ listener }, { sleep }) {
    await sleep(settling);
    const greeted = await greetServer(listener, patience);
    if (!greeted.ok) throw new StepFailure(greeted.reason);
  },
};
