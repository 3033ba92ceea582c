import type { Run } from '../lists/run.ts';

/** The attributes that reply templates may name (postconf(5), default_rbl_reply and smtpd_reject_footer). */
const attributes: Readonly<Record<string, (run: Run, server: string) => string>> = {
  server_name: (_, server) => server,
  client: ({ session }) => session.peer.namaddr,
  // Two values stand for all: a reply that shows one of these is one that nobody can foretell.
  client_port: ({ trail }) => trail.suppose('client port', ['1', '2']),
  localtime: ({ trail }) => trail.suppose('local time of the server', ['1', '2']),
  client_address: ({ session }) => session.peer.address,
  client_name: ({ session }) => session.peer.name,
  reverse_client_name: ({ session }) => session.peer.reverseName,
  helo_name: ({ session }) => session.helo ?? '',
  sender: ({ session }) => whole(session.sender?.text),
  sender_name: ({ session }) => localPart(session.sender?.text),
  sender_domain: ({ session }) => domainPart(session.sender?.text),
  recipient: ({ session }) => whole(session.recipient?.text),
  recipient_name: ({ session }) => localPart(session.recipient?.text),
  recipient_domain: ({ session }) => domainPart(session.recipient?.text),
};

/** The value of an attribute; undefined when there is none of that name. `server` is myhostname. */
export function attributeOf(name: string, run: Run, server: string): string | undefined {
  return Object.hasOwn(attributes, name) ? attributes[name]?.(run, server) : undefined;
}

function whole(address: string | undefined): string {
  return address === '' ? '<>' : (address ?? '');
}

function localPart(address: string | undefined): string {
  if (address === undefined) return '';
  if (address === '') return '<>';
  const at = address.lastIndexOf('@');
  return at < 0 ? address : address.slice(0, at);
}

function domainPart(address: string | undefined): string {
  if (address === undefined) return '';
  const at = address.lastIndexOf('@');
  return at < 0 ? '' : address.slice(at + 1);
}
