import type { ElementView, FileView, MapView, PairView, Role, ServiceView, SharedTableView } from './view.ts';

/** A host as both halves see it; every text has been checked against its grammar. */
export interface Place {
  readonly name: string;
  readonly roles: readonly Role[];
  readonly version: string;
  /** Installation folder on the host. */
  readonly folder: string;
  readonly tableType: string;
  readonly port: string;
}

/** One half of a host: its view, and what it adds to the host as a whole. */
export interface Part<View> {
  readonly view: View;
  readonly files: readonly FileView[];
  readonly pairs: readonly PairView[];
  readonly maps: readonly MapView[];
  readonly tables: readonly SharedTableView[];
  readonly elements: readonly ElementView[];
  readonly services: readonly ServiceView[];
  /** Parameters that give way to a value of the host's own. */
  readonly unlessSet: readonly string[];
}
