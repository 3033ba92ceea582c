import type { Edit } from '../../diagnose/configuration/edit.ts';
import { lineOf, type Manifest } from '../programs/manifest.ts';
import type { Backup } from './backups.ts';
import type { Edits } from './edits.ts';
import type { Listener } from './listeners.ts';
import type { Pending } from './pending.ts';

/**
 * One step of a run. It is data: what it does, and how that is taken back, is in handlers/, by its kind. `doc` goes on after
 * "failed: ".
 */
export type Step = { readonly doc: string } & (
  | { readonly kind: 'stage' }
  | { readonly kind: 'build'; readonly table: Pending['tables'][number] }
  | { readonly kind: 'ask-new'; readonly table: Pending['tables'][number] }
  | { readonly kind: 'back-up'; readonly settings: readonly string[]; readonly services: readonly string[] }
  | { readonly kind: 'place' }
  | { readonly kind: 'label' }
  | { readonly kind: 'edit'; readonly edits: Edits }
  | { readonly kind: 'compare' }
  | { readonly kind: 'restore'; readonly backup: Backup }
  | { readonly kind: 'keep'; readonly edits: readonly Edit[] }
  | { readonly kind: 'repair'; readonly edit: Edit }
  | { readonly kind: 'check' }
  | { readonly kind: 'query'; readonly table: Manifest['maps'][number] }
  | { readonly kind: 'judge' }
  | { readonly kind: 'reload' }
  | { readonly kind: 'greet'; readonly listener: Listener }
  | { readonly kind: 'record' }
  | { readonly kind: 'end' }
  | { readonly kind: 'drop'; readonly backups: readonly Backup[] }
);

export type StepKind = Step['kind'];
export type StepOf<Kind extends StepKind> = Extract<Step, { readonly kind: Kind }>;

/** What is known of the host that decides which steps there are. */
export interface StepContext {
  /** A Postfix that does not run is not started, and so neither reloaded nor asked. */
  readonly runs: boolean;
  /** Where the servers that clients come to are asked. */
  readonly listeners: readonly Listener[];
}

const nothing = { settings: [], removals: [], services: [], drops: [] } as const;

/**
 * The steps that bring a host to what its folder says, in the order in which they are safe: new files are complete and
 * have answered before anything that Postfix sees is touched, the backup is whole before the first file is replaced,
 * and tables stand before main.cf names them. Nothing is forgotten of what was before until a server has answered.
 */
export function stepsOf(pending: Pending, manifest: Manifest, { runs, listeners }: StepContext): readonly Step[] {
  const { tables, settings, removals, services, drops } = pending;
  const { installDir } = manifest;
  const edits: readonly (readonly [string, Partial<Pending>])[] = [
    ['postconf could not set the parameters', { settings }],
    ['postconf could not take parameters out', { removals }],
    ['master.cf could not be changed', { services, drops }],
  ];
  return [
    { kind: 'stage', doc: 'the new files could not be prepared' },
    ...tables.flatMap((table): Step[] => [
      { kind: 'build', table, doc: `the table "${table.file}" could not be built` },
      { kind: 'ask-new', table, doc: `the new table "${table.file}" does not answer as its source says` },
    ]),
    {
      kind: 'back-up',
      settings: [...settings.map(lineOf), ...removals],
      services: [...services, ...drops].map(({ service, line }) => `${service} ${line}`),
      doc: 'no backup could be made',
    },
    { kind: 'place', doc: `files could not be put into ${installDir}` },
    { kind: 'label', doc: `restorecon could not label ${installDir}` },
    ...edits.flatMap(([doc, edit]): Step[] =>
      Object.values(edit).some((list) => Array.isArray(list) && list.length > 0)
        ? [{ kind: 'edit', edits: { ...nothing, ...edit }, doc }]
        : [],
    ),
    { kind: 'compare', doc: 'main.cf or master.cf did not become what was shown' },
    { kind: 'check', doc: 'Postfix refuses the new settings' },
    ...manifest.maps.map(
      (table): Step => ({ kind: 'query', table, doc: `the table "${table.path}" does not answer as its source says` }),
    ),
    ...(manifest.relayPort === undefined ? [] : [judge]),
    ...asked(runs, listeners),
    { kind: 'record', doc: 'the backup could not be completed' },
  ];
}

const judge: Step = {
  kind: 'judge',
  doc: 'with the resulting configuration the wrong clients could relay, or the right ones could not',
};

/** The steps that return to what was before these backups, which come newest first. */
export function undoSteps(backups: readonly Backup[], { runs, listeners }: StepContext): readonly Step[] {
  return [
    ...backups.map(
      (backup): Step => ({ kind: 'restore', backup, doc: `the backup ${backup.name} could not be restored` }),
    ),
    { kind: 'check', doc: 'Postfix does not take its old settings' },
    ...asked(runs, listeners),
    { kind: 'drop', backups, doc: 'the backups that are used up could not be removed' },
  ];
}

/** The steps of a repair: the backup is whole before the first edit, and Postfix reads only what was judged. */
export function repairSteps(edits: readonly Edit[], runs: boolean): readonly Step[] {
  return [
    { kind: 'keep', edits, doc: 'no backup could be made' },
    ...edits.map((edit): Step => ({ kind: 'repair', edit, doc: editFailed(edit) })),
    { kind: 'check', doc: 'Postfix refuses the new settings' },
    { kind: 'judge', doc: 'the repair does not help' },
    ...asked(runs, []),
    { kind: 'end', doc: 'the backup could not be completed' },
  ];
}

function editFailed(edit: Edit): string {
  if (edit.kind === 'table') return `the table "${edit.path}" could not be changed`;
  const { name, service } = edit;
  return service === undefined ? `postconf could not set ${name}` : `postconf could not set ${name} for ${service}`;
}

function asked(runs: boolean, listeners: readonly Listener[]): readonly Step[] {
  if (!runs) return [];
  return [
    { kind: 'reload', doc: 'Postfix could not be reloaded' },
    ...listeners.map(
      (listener): Step => ({ kind: 'greet', listener, doc: `the server does not answer on ${listener.shown}` }),
    ),
  ];
}
