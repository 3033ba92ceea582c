import type { Table } from '../../postfix/config.ts';
import { none } from '../dialogue/answered.ts';
import { type ErrorClass, policyReply, type Reply, withSoftBounce } from '../dialogue/reply.ts';
import type { Session } from '../dialogue/session.ts';
import type { Facts, Question } from '../questions/facts.ts';
import type { Place } from '../questions/place.ts';
import type { Trail } from '../questions/trail.ts';

/** The three statuses of a check: go on, permit this list, refuse the command. */
export const DUNNO = 0;
export const OK = 1;
export const REJECT = 2;
/**
 * A lookup failed under warn_if_reject, up to 3.1: the server leaves the list, and all that it is nested in, by a
 * longjmp(3), which permits. None of them ends as it otherwise would, so the depth and warn_if_reject stay as they are.
 */
export const LEFT = 3;
export type Status = typeof DUNNO | typeof OK | typeof REJECT | typeof LEFT;

/** A restriction, compiled. */
export type Check = (run: Run) => Status;

/** Something beside the reply: what an access(5) action did to the message, in Postfix's words. */
export interface Effect {
  readonly action: string;
  readonly text: string;
}

/** What the formatting of refusals depends on. */
export interface RunSettings {
  readonly softBounce: boolean;
  readonly utf8: boolean;
  /** From 3.2 on a lookup error is never turned into a warning by warn_if_reject. */
  readonly dataErrorsStand: boolean;
}

/** A condition that turns a later permit (or a later refusal) into a deferral. The first reason is kept. */
export class DeferCondition {
  active = false;
  errorClass: ErrorClass = 'policy';
  code = 450;
  dsn = '4.7.1';
  text = '';
  places: readonly Place[] = [];

  set(errorClass: ErrorClass, code: number, dsn: string, text: string, places: readonly Place[]): void {
    if (this.active) return;
    this.active = true;
    this.errorClass = errorClass;
    this.code = code;
    this.dsn = dsn;
    this.text = text;
    this.places = places;
  }
}

/** The state of evaluation for one session: conditions, counters, and the reply once something refused. */
export class Run {
  readonly session: Session;
  readonly trail: Trail;
  facts: Facts;
  private readonly settings: RunSettings;

  readonly deferralIfPermit = new DeferCondition();
  readonly deferralIfReject = new DeferCondition();
  deferIfPermitClient = false;
  deferIfPermitHelo = false;
  deferIfPermitSender = false;
  /** Zero, or the nesting depth whose next item warn_if_reject covers. */
  warnIfReject = 0;
  /** The nesting depth as the server counts it: a list that was left counts until the next command or list of its own. */
  recursion = 0;
  /** The depth at which the outermost list began. */
  private outset = 0;
  discard = false;
  senderMapChecked = false;
  recipientMapChecked = false;

  reply: Reply | undefined = undefined;
  /** Where evaluation stands, a place for each nesting depth from the outset on. */
  private readonly places: Place[] = [];
  /** The first of them, as a list of one. */
  private outermost: readonly Place[] = none;
  decidedBy: readonly Place[] = [];
  /** For each list that permitted, where; the latest command's. */
  permits: readonly Place[] = none;
  readonly effects: Effect[] = [];
  readonly warnings: string[] = [];
  /** The connection is dropped without a reply (access(5) HANGUP). */
  hangup = false;
  /** The line with which the server process died in the middle of the session. */
  fatal: string | undefined = undefined;

  constructor(session: Session, trail: Trail, facts: Facts, settings: RunSettings) {
    this.session = session;
    this.trail = trail;
    this.facts = facts;
    this.settings = settings;
  }

  /** For the next conversation, or the next path of the same one. */
  begin(): void {
    this.deferralIfPermit.active = false;
    this.deferralIfReject.active = false;
    this.deferIfPermitClient = false;
    this.deferIfPermitHelo = false;
    this.deferIfPermitSender = false;
    this.discard = false;
    this.senderMapChecked = false;
    this.recipientMapChecked = false;
    this.reply = undefined;
    this.hangup = false;
    this.fatal = undefined;
    if (this.effects.length > 0) this.effects.length = 0;
    if (this.warnings.length > 0) this.warnings.length = 0;
    this.resetList();
  }

  /** The server process dies; the client is left without a reply. */
  die(line: string): Status {
    this.fatal = `fatal: ${line}`;
    this.hangup = true;
    return REJECT;
  }

  /** At the start of every list, the relay and recipient lists counting as one. */
  resetList(): void {
    this.recursion = 0;
    this.outset = 0;
    this.warnIfReject = 0;
    this.deferralIfReject.active = false;
  }

  /** An outermost list begins. */
  setOut(): void {
    this.outset = this.recursion;
  }

  /** Evaluation comes to an element; `alone` is its place as a list of one, made once for all sessions. */
  stand(outer: number, place: Place, alone: readonly Place[]): void {
    this.recursion = outer + 1;
    this.places[outer] = place;
    if (outer === this.outset) this.outermost = alone;
  }

  /** Notes the element of the outermost list that permitted; `outer` is the depth around the list that says so. */
  permitted(outer = this.outset): void {
    if (outer !== this.outset) return;
    this.permits = this.permits.length === 0 ? this.outermost : this.permits.concat(this.outermost);
  }

  ask<A>(question: Question<A>): A {
    return this.facts.ask(question);
  }

  warn(log: string): void {
    this.warnings.push(log);
  }

  effect(action: string, text: string): void {
    this.effects.push({ action, text });
  }

  /**
   * Refuses, unless warn_if_reject makes it a warning. Every refusal of every list passes through here:
   * codes and status are put in order, defer_if_reject and soft_bounce are applied. `about`: whom the text is about;
   * it starts with that in angle brackets then, put together when somebody reads it.
   */
  reject(errorClass: ErrorClass, code: number, dsn: string, text: string, about?: string): Status {
    return this.refuse(errorClass, code, dsn, text, this.here(), about);
  }

  private refuse(
    errorClass: ErrorClass,
    code: number,
    dsn: string,
    text: string,
    places: readonly Place[],
    about?: string,
  ): Status {
    const stands =
      errorClass === 'software' ||
      errorClass === 'resource' ||
      (errorClass === 'data' && this.settings.dataErrorsStand);
    const warning = this.warnIfReject > 0 && !stands;
    const reply = policyReply(code, dsn, text, this.settings.utf8, this.warnings, about);
    const deferral = this.deferralIfReject;
    if (!warning && deferral.active && reply.code >= 500) {
      this.warnIfReject = 0;
      deferral.active = false;
      return this.refuse(deferral.errorClass, deferral.code, deferral.dsn, deferral.text, deferral.places);
    }
    const final = withSoftBounce(reply, this.settings.softBounce);
    if (warning) {
      this.effect('reject_warning', `${final.code} ${final.enhanced} ${final.text}`);
      return DUNNO;
    }
    this.reply = final;
    this.decidedBy = places;
    return REJECT;
  }

  /** Records defer_if_permit; under warn_if_reject it would only have been a warning. */
  deferIfPermit(errorClass: ErrorClass, code: number, dsn: string, text: string): Status {
    if (this.warnIfReject > 0) return this.reject(errorClass, code, dsn, text);
    this.deferralIfPermit.set(errorClass, code, dsn, text, this.here());
    return DUNNO;
  }

  /** Records defer_if_reject: a later permanent refusal becomes this temporary one. */
  deferIfReject(errorClass: ErrorClass, code: number, dsn: string, text: string): Status {
    this.deferralIfReject.set(errorClass, code, dsn, text, this.here());
    return DUNNO;
  }

  /** After the lists: defers what they permitted, because defer_if_permit was recorded. */
  deferPermit(): Status {
    const { errorClass, code, dsn, text, places } = this.deferralIfPermit;
    return this.refuse(errorClass, code, dsn, text, places);
  }

  /**
   * Whether to try also that the lookup in a table with unknown content fails. Only where a failure would permit: elsewhere
   * a failure refuses, like the end of the lists.
   */
  supposesFailure(tables: readonly Table[]): boolean {
    if (this.warnIfReject === 0 || this.settings.dataErrorsStand) return false;
    return tables.some(
      ({ spec, opaque }) => opaque !== undefined && this.trail.suppose(`table ${spec} cannot be asked`, [false, true]),
    );
  }

  /** A lookup in a table or list failed: evaluation stops. */
  lookupFailure(name: string): Status {
    return this.abort('data', '4.3.0', `<${name}>: Temporary lookup failure`);
  }

  configFailure(): Status {
    return this.abort('software', '4.3.5', 'Server configuration error');
  }

  private abort(errorClass: ErrorClass, dsn: string, text: string): Status {
    return this.reject(errorClass, 451, dsn, text) === DUNNO ? LEFT : REJECT;
  }

  private here(): readonly Place[] {
    return this.recursion === this.outset + 1 ? this.outermost : this.places.slice(this.outset, this.recursion);
  }
}
