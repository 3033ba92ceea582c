import type { Reply } from './reply.ts';
import type { Session } from './session.ts';

const attributes: Readonly<Record<string, (session: Session, server: string) => string>> = {
  client: (session) => session.peer.namaddr,
  client_name: (session) => session.peer.name,
  client_address: (session) => session.peer.address,
  client_port: () => '',
  reverse_client_name: (session) => session.peer.reverseName,
  helo_name: (session) => session.helo ?? '',
  sender: (session) => session.sender?.text ?? '',
  recipient: (session) => session.recipient?.text ?? '',
  server_name: (_, server) => server,
};

/**
 * smtpd_reject_footer after a 4xx or 5xx reply: `\c` joins it to the last line, `\n` starts another; a client's
 * attributes may be named as `$client_name`, `${client_name}` or `$(client_name)` (postconf(5)). `server` is myhostname.
 */
export function withFooter(reply: Reply, footer: string, session: Session, server: string): Reply {
  if (footer === '' || reply.code < 400) return reply;
  const joined = footer.startsWith('\\c');
  const text = (joined ? footer.slice(2) : footer)
    .replaceAll('\\n', '\n')
    .replace(/\$(?:\{(\w+)\}|\((\w+)\)|(\w+))/g, (_, ...names) => {
      const name = names.slice(0, 3).find((word): word is string => typeof word === 'string') ?? '';
      return attributes[name]?.(session, server) ?? '';
    });
  return { code: reply.code, enhanced: reply.enhanced, text: joined ? reply.text + text : `${reply.text}\n${text}` };
}
