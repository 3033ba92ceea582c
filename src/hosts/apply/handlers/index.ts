import type { StepKind } from '../steps.ts';
import { check, greet, judge, reload } from './asking.ts';
import { backUp, drop, record } from './backing-up.ts';
import type { Deed, Installing } from './deed.ts';
import { compare, edit, label, place } from './placing.ts';
import { restore } from './restoring.ts';
import { askNew, build, query, stage } from './staging.ts';

/** How each kind of step is done and taken back. */
export const deeds: { readonly [Kind in StepKind]: Deed<Kind, Installing> } = {
  ...{ stage, build, 'ask-new': askNew, 'back-up': backUp, place, label, edit, compare },
  ...{ restore, check, query, judge, reload, greet, record, drop },
};

/** The kinds that an undoing is made of; they need nothing that only an installation has. */
export const undoing = { restore, check, reload, greet, drop } as const;
