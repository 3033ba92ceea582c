import type { PostfixConfig } from '../../postfix/config.ts';
import { knownParameters } from '../../postfix/parameters.ts';
import { tokens } from '../../postfix/tokens.ts';
import { Maps } from '../address/maps.ts';
import type { Conversation } from '../dialogue/conversation.ts';
import type { Run } from '../lists/run.ts';

/** Names on the trail what a session meets that is not worked out here; its verdict is unknown then. */
export type Unmodelled = (run: Run) => void;

/** What a configuration holds of that; undefined where there is nothing of the kind. */
export function unmodelledOf(config: PostfixConfig): Unmodelled | undefined {
  const known = knownParameters(config.version);
  const words = (name: string) =>
    known.has(name) ? tokens(config.get(name), config.version).map((word) => word.toUpperCase()) : [];
  const turned = (['smtpd_noop_commands', 'smtpd_forbidden_commands'] as const).flatMap((name) =>
    words(name).flatMap((word) => (commands.has(word) ? [{ name, word }] : [])),
  );
  const filter = known.has('smtpd_command_filter') ? new Maps(config, 'smtpd_command_filter') : undefined;
  const hiding = new Maps(config, 'smtpd_discard_ehlo_keyword_address_maps');
  const queue = config.get('smtpd_proxy_filter');
  if (turned.length === 0 && filter?.empty !== false && hiding.empty && queue === '') return undefined;
  return ({ session, trail }) => {
    const { conversation, peer } = session;
    for (const line of filter?.empty === false || turned.length > 0 ? linesOf(conversation) : []) {
      const verb = line.split(' ', 1)[0] ?? '';
      for (const { name, word } of turned) if (word === verb) trail.giveUp(`${name}: ${word}`);
      if (filter?.find(line, trail) !== undefined) trail.giveUp(`smtpd_command_filter: ${line}`);
    }
    if (conversation.tls !== undefined && hiding.find(peer.address, trail) !== undefined)
      trail.giveUp(`smtpd_discard_ehlo_keyword_address_maps: ${peer.address}`);
    if (queue !== '' && conversation.data) trail.giveUp(`what the filter ${queue} answers (smtpd_proxy_filter)`);
  };
}

const commands = new Set(['HELO', 'EHLO', 'STARTTLS', 'ETRN', 'VRFY', 'MAIL', 'RCPT', 'DATA']);

/** What the client says, as a client that is neither wordy nor sloppy would. */
function* linesOf({ helo, protocol, tls, etrn, vrfy, mailFrom, rcptTo, data }: Conversation): Iterable<string> {
  if (helo !== undefined) yield `${protocol === 'SMTP' ? 'HELO' : 'EHLO'} ${helo.name}`;
  if (tls !== undefined) yield 'STARTTLS';
  if (etrn !== undefined) yield `ETRN ${etrn}`;
  if (vrfy !== undefined) yield `VRFY ${vrfy.given}`;
  if (mailFrom !== undefined) yield `MAIL FROM:<${mailFrom.given}>`;
  for (const { given } of rcptTo) yield `RCPT TO:<${given}>`;
  if (data) yield 'DATA';
}
