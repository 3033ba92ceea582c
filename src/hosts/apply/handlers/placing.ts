import { lstatSync, readdirSync, readFileSync, renameSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { edit as editConfig } from '../edits.ts';
import { flushFolder } from './folders.ts';
import { type Installing, StepFailure, type StepHandler, succeeded, type Work } from './handler.ts';

/** Tables before their sources, so that a run that is cut off here finds the source still due. */
export const place: StepHandler<'place', Installing> = {
  isSeen: true,
  perform(_step, { stage, installDir, snapshot }) {
    const names = readdirSync(stage);
    const isBuilt = (name: string) => names.some((source) => name.startsWith(`${source}.`));
    for (const name of [...names.filter(isBuilt), ...names.filter((one) => !isBuilt(one))]) {
      snapshot.take(join(installDir, name));
      renameSync(join(stage, name), join(installDir, name));
    }
    rmdirSync(stage);
    flushFolder(installDir);
  },
  undo(_step, { installDir, snapshot, target, pending }) {
    // Whatever was there or came there; what was not touched stays.
    const there = lstatSync(installDir, { throwIfNoEntry: false }) === undefined ? [] : readdirSync(installDir);
    const names = new Set([...there, ...target.installed.keys(), ...pending.files.map(({ name }) => name)]);
    return snapshot.restore([...names].map((name) => join(installDir, name)));
  },
};

/** Where SELinux is, files are labelled by where they lie (restorecon(8)); elsewhere there is no such program. */
export const label: StepHandler<'label', Work> = {
  perform(_step, work) {
    relabel(work);
  },
};

/** SELinux labels by where the files lie now; a host without restorecon(8) has none. */
export function relabel({ programs, installDir }: Work): void {
  const ended = programs.system('restorecon', '-RF', installDir);
  if (ended.status !== 127) succeeded(ended);
}

const configFiles = ['main.cf', 'master.cf'] as const;

export const edit: StepHandler<'edit', Work> = {
  isSeen: true,
  perform({ edits }, { programs, snapshot, config }) {
    for (const name of configFiles) snapshot.take(join(config, name));
    const failed = editConfig(programs, edits);
    if (failed !== undefined) succeeded(failed);
  },
  undo(_step, { snapshot, config }) {
    return snapshot.restore(configFiles.map((name) => join(config, name)));
  },
};

/**
 * A Postfix that edits a copy otherwise than the original does something that nobody was shown. The order of new lines is
 * postconf's own, and differs from call to call.
 */
export const compare: StepHandler<'compare', Installing> = {
  perform(_step, { config, shown }) {
    for (const [name, bytes] of [
      ['main.cf', shown.mainCf],
      ['master.cf', shown.masterCf],
    ] as const) {
      const isSame = sorted(readFileSync(join(config, name))) === sorted(bytes);
      if (!isSame) throw new StepFailure(`${name} is not what was shown`);
    }
  },
};

function sorted(bytes: Buffer): string {
  return bytes.toString('latin1').split('\n').sort().join('\n');
}
