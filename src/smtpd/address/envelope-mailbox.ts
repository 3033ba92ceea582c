import type { Mailbox } from '../session.ts';
import type { Trail } from '../trail.ts';
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
