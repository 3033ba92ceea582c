/** A step that was performed, or would be. */
export type DoneStep = Pick<RotationStep, 'kind' | 'role' | 'holder' | 'serial'>;

/** The steps of a rotation, in their order. */
const stepKinds = ['issue', 'admit', 'deploy', 'retire'] as const;
export type StepKind = (typeof stepKinds)[number];

/** What is rotated: a host's certificate in one role, the authority, or the digest of the maps. */
export type StepRole = 'authority' | 'digest' | 'server' | 'client';

/** What hosts must have before a step: lines of the map, pins of a server, the bundle of authorities, a changed setting. */
export type Files = 'map' | 'pins' | 'bundle' | 'setting';

/** One thing that a step waits for. */
export type Waiting =
  /** The clock: renewal is not due yet, or the overlap is not over. */
  | { readonly kind: 'time'; readonly why: 'renewal' | 'overlap'; readonly until: string }
  /** Hosts that are not known to have the files of their folder since these became part of them. */
  | { readonly kind: 'hosts'; readonly files: Files; readonly hosts: readonly string[] }
  /** The lines are not known to be in the database that the servers share. */
  | { readonly kind: 'publication' }
  /** The new certificate is not known to be in use on its host. */
  | { readonly kind: 'use'; readonly host: string; readonly serial: string }
  /** The new certificate, which comes from elsewhere, is not known to be in use: nobody here brings it to its host. */
  | { readonly kind: 'seen'; readonly host: string; readonly serial: string }
  /** Certificates that the old authority issued are still in force on these hosts. */
  | { readonly kind: 'leaves'; readonly hosts: readonly string[] }
  /** A certificate from the present authority would not last longer, or it has expired; the next authority comes first. */
  | { readonly kind: 'authority' }
  /** An earlier step of the same rotation. */
  | { readonly kind: 'step'; readonly step: StepKind };

/** One step of a rotation as it stands. */
export interface RotationStep {
  readonly kind: StepKind;
  readonly role: StepRole;
  /** Host name, the authority's common name, or the digest that is to be in force. */
  readonly holder: string;
  /**
   * The certificate that the step is about: for `retire` the old one, for a step `issue` that is not done the one that will be
   * replaced, else the new one. Undefined for the digest.
   */
  readonly serial: string | undefined;
  /** ISO 8601: when the clock lets it be done; undefined where that cannot be told yet. */
  readonly dueAt: string | undefined;
  /** Empty when it is done, or due now. */
  readonly waitingFor: readonly Waiting[];
  readonly done: boolean;
}

/** It can be performed now. */
export function isDue(step: RotationStep): boolean {
  return !step.done && step.waitingFor.length === 0;
}
