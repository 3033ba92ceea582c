import type { Said } from '../dialogue/conversation.ts';
import type { Mailbox } from '../dialogue/session.ts';
import type { Trail } from '../questions/trail.ts';
import { deadProgram } from '../start/dead-program.ts';
import type { Resolved, Resolver } from './resolve.ts';
import type { Envelope } from './syntax.ts';

/** An envelope address that is resolved when somebody first asks: most senders are never looked up. */
export class EnvelopeMailbox implements Mailbox {
  readonly text: string;
  private readonly envelope: Envelope & { readonly kind: 'address' };
  private readonly resolver: Resolver;
  private readonly trail: Trail;
  private answer: Resolved | undefined = undefined;

  constructor(envelope: Envelope & { readonly kind: 'address' }, resolver: Resolver, trail: Trail) {
    this.text = envelope.text;
    this.envelope = envelope;
    this.resolver = resolver;
    this.trail = trail;
  }

  get resolved(): Resolved {
    this.answer ??= this.resolver.resolve(this.envelope, this.trail);
    return this.answer;
  }
}

/** The address between the brackets of a command; undefined when the server would not read it. */
export function readMailbox(
  { given, envelope }: Said,
  strict: boolean,
  resolver: Resolver,
  trail: Trail,
): Mailbox | undefined {
  if (envelope.kind === 'unclear') trail.giveUp(`address syntax of "${given}"`);
  if (envelope.kind !== 'address' || (strict && envelope.loose === true)) return undefined;
  const mailbox = new EnvelopeMailbox(envelope, resolver, trail);
  if (resolver.fatal !== undefined && (mailbox.text !== '' || resolver.completesProbes))
    trail.giveUp(deadProgram('trivial-rewrite', resolver.fatal));
  // What rewriting leaves alone is an address; anything else may turn out not to be one.
  if (envelope.plainDomain !== undefined || mailbox.text === '') return mailbox;
  return mailbox.resolved.badSyntax ? undefined : mailbox;
}

/** Most addresses are told from the few that count by what was noted when they were read: their text stays unread. */
export function isPlain(envelope: Envelope): envelope is Envelope & { readonly kind: 'address' } {
  return envelope.kind === 'address' && envelope.plainDomain !== undefined;
}

/** The bare word, which no list can refuse (RFC 5321, section 4.5.1). */
export function isPostmaster({ text }: Mailbox, envelope: Envelope): boolean {
  return !isPlain(envelope) && text.length === 'postmaster'.length && text.toLowerCase() === 'postmaster';
}
