import type { Place } from '../questions/place.ts';
import type { Reply } from './reply.ts';

/** The command that a reply answers. */
export type ReplyStage = 'connect' | 'helo' | 'starttls' | 'etrn' | 'vrfy' | 'mail' | 'rcpt' | 'data' | 'end-of-data';

/** One reply of the server, with what decided it where a restriction did. */
export interface Answered {
  readonly stage: ReplyStage;
  readonly recipient: string | undefined;
  readonly reply: Reply;
  readonly decidedBy: readonly Place[];
  /** For an accepted command: the elements of the lists that permitted. */
  readonly permits: readonly Place[];
}

export const none: readonly Place[] = [];
/** What ends a connection whose client did not wait for the greeting (smtpd_forbid_unauth_pipelining). */
export const outOfStep = [554, '5.5.0', 'Error: SMTP protocol synchronization'] as const;
export const greeting: Reply = { code: 220, enhanced: '', text: '' };
export const heloOk: Reply = { code: 250, enhanced: '', text: '' };
export const startTlsOk: Reply = { code: 220, enhanced: '2.0.0', text: '' };
const etrnOk: Reply = { code: 250, enhanced: '', text: '' };
const vrfyOk: Reply = { code: 252, enhanced: '2.0.0', text: '' };
export const mailOk: Reply = { code: 250, enhanced: '2.1.0', text: '' };
export const rcptOk: Reply = { code: 250, enhanced: '2.1.5', text: '' };
export const dataOk: Reply = { code: 354, enhanced: '', text: '' };
export const queued: Reply = { code: 250, enhanced: '2.0.0', text: '' };

function usual(stage: ReplyStage, reply: Reply): Answered {
  return { stage, recipient: undefined, reply, decidedBy: none, permits: none };
}

/** The answers to commands that go well; a recipient's is made anew, with its address. */
export const usualAnswers: Readonly<Record<ReplyStage, Answered>> = {
  connect: usual('connect', greeting),
  helo: usual('helo', heloOk),
  starttls: usual('starttls', startTlsOk),
  etrn: usual('etrn', etrnOk),
  vrfy: usual('vrfy', vrfyOk),
  mail: usual('mail', mailOk),
  rcpt: usual('rcpt', rcptOk),
  data: usual('data', dataOk),
  'end-of-data': usual('end-of-data', queued),
};
