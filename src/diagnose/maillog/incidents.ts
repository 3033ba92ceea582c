import type { ClientDelivery, LoggedReply, MailLog, ServerSession } from './session.ts';

/** One reply to explain, with what each side's log has about it. */
export interface Incident {
  readonly session?: ServerSession;
  readonly delivery?: ClientDelivery;
  readonly logged: LoggedReply;
  readonly alike: number;
}

/** At most so many replies of one session are looked at. */
const mostReplies = 3;
/** At most so many incidents of a log are played; those with more weight come first. */
export const mostIncidents = 200;

/**
 * The replies of a log that are worth explaining, each once: the server's line and the client's line about one reply
 * are one incident. Refusals come first, of clients with certificates before others, and of those the frequent ones.
 */
export function incidentsOf({ servers, deliveries }: MailLog): readonly Incident[] {
  const unpaired = new Set(deliveries);
  const ofServer = servers
    .filter(({ from }) => from.program === 'smtpd')
    .flatMap((session) =>
      notable(session).map((logged): Incident => {
        const delivery = [...unpaired].find((each) => isSame(each, logged));
        if (delivery !== undefined) unpaired.delete(delivery);
        return { session, ...(delivery === undefined ? {} : { delivery }), logged, alike: session.alike };
      }),
    );
  const ofClient = [...unpaired].flatMap((delivery): readonly Incident[] => {
    const logged = delivery.reply ?? acceptedAs(delivery);
    return logged === undefined ? [] : [{ delivery, logged, alike: delivery.alike }];
  });
  return [...ofServer, ...ofClient].sort((a, b) => weight(b) - weight(a) || b.alike - a.alike);
}

/** A session's replies that differ in more than the recipient. */
function notable({ replies }: ServerSession): readonly LoggedReply[] {
  const seen = new Set<string>();
  return replies
    .filter((reply) => {
      const text = reply.recipient === undefined ? reply.text : reply.text.replaceAll(reply.recipient, '');
      const key = JSON.stringify([reply.stage, reply.code, reply.enhanced, text]);
      return seen.has(key) ? false : seen.add(key);
    })
    .toSorted((a, b) => Number(b.code >= 400) - Number(a.code >= 400))
    .slice(0, mostReplies);
}

function isSame({ recipient, reply, sender, status }: ClientDelivery, logged: LoggedReply): boolean {
  // A connection that ended early was for a recipient that the server never heard of.
  if (logged.recipient === undefined) return reply?.stage === 'helo' && reply.code === logged.code;
  if (recipient !== logged.recipient) return false;
  if (sender !== undefined && logged.sender !== undefined && sender !== logged.sender) return false;
  if (logged.code < 300) return status === 'sent';
  return reply !== undefined && reply.code === logged.code && reply.enhanced === logged.enhanced;
}

/** Mail that was sent was accepted at RCPT. */
function acceptedAs({ status, recipient, relay, where }: ClientDelivery): LoggedReply | undefined {
  if (status !== 'sent' || relay === undefined) return undefined;
  return { stage: 'rcpt', code: 250, enhanced: '2.1.5', text: '', recipient, where };
}

function weight({ session, logged }: Incident): number {
  const shown = session?.certificate !== undefined || /^(?:Un)?[Tt]rusted$/.test(session?.tls?.trust ?? '');
  const relaying = /Relay access denied/i.test(logged.text);
  return (logged.code >= 400 ? 8 : 0) + (relaying ? 4 : 0) + (shown ? 2 : 0) + (session === undefined ? 0 : 1);
}
