import { endingOf } from '../../../lib/ending.ts';
import type { MatchList, PostfixConfig } from '../../postfix/config.ts';
import { atLeast } from '../../postfix/version.ts';
import { ReplyWriter } from '../dialogue/footer.ts';
import { probeSender } from '../dialogue/probe-sender.ts';
import type { RunSettings } from '../lists/run.ts';
import { deadProgram } from './dead-program.ts';
import { type Unmodelled, unmodelledOf } from './unmodelled.ts';

/** The parameters of the dialogue around the lists. */
export interface DialogueSettings extends RunSettings {
  readonly myhostname: string;
  readonly heloRequired: boolean;
  readonly peerNameLookup: boolean;
  /** `name[address]:port` in replies; which port is not in a conversation. */
  readonly portLogging: boolean;
  readonly saslEnabled: boolean;
  readonly strictEnvelopes: boolean;
  readonly recipientLimit: number;
  /** After so many refused commands a client is sent away. */
  readonly errorLimit: number;
  /** The sender of this server's own address verification probes, lower case; empty for the null sender. */
  readonly probeSender: string;
  /** `endingOf` its domain. */
  readonly probeEnding: number;
  /** A client that sends ahead of the greeting is sent away. */
  readonly forbidsEarly: boolean;
  readonly vrfyDisabled: boolean;
  /** Domains whose mail a client may ask for by ETRN (fast_flush_domains). */
  readonly flushDomains: MatchList;
  /** Set: cleanup(8) dies, which the server asks as soon as there is a recipient. */
  readonly unqueued: string | undefined;
  readonly unmodelled: Unmodelled | undefined;
  readonly writer: Pick<ReplyWriter, 'idle' | 'write'>;
}

/** What the dialogue around the lists needs to know of a configuration, read once. */
export function dialogueSettings(config: PostfixConfig): DialogueSettings {
  const modern = atLeast(config.version, '3.0');
  const probe = probeSender(config);
  // Before the queue, mail goes to a filter, and cleanup has nothing to do with it.
  const queueless = config.get('smtpd_proxy_filter') === '' ? config.askedFatal('cleanup') : undefined;
  return {
    softBounce: config.boolean('soft_bounce'),
    utf8: modern && config.boolean('smtputf8_enable'),
    dataErrorsStand: atLeast(config.version, '3.2'),
    myhostname: config.get('myhostname'),
    heloRequired: config.boolean('smtpd_helo_required'),
    peerNameLookup: config.boolean('smtpd_peername_lookup'),
    portLogging: config.boolean('smtpd_client_port_logging'),
    saslEnabled: config.boolean('smtpd_sasl_auth_enable'),
    strictEnvelopes: config.boolean('strict_rfc821_envelopes'),
    errorLimit: config.integer('smtpd_hard_error_limit'),
    recipientLimit: config.integer('smtpd_recipient_limit'),
    probeSender: probe,
    probeEnding: endingOf(probe.slice(probe.lastIndexOf('@') + 1)),
    forbidsEarly: atLeast(config.version, '3.5') && config.boolean('smtpd_forbid_unauth_pipelining'),
    vrfyDisabled: config.boolean('disable_vrfy_command'),
    flushDomains: config.matchList('fast_flush_domains'),
    unqueued: queueless === undefined ? undefined : deadProgram('cleanup', queueless),
    unmodelled: unmodelledOf(config),
    writer: new ReplyWriter(config),
  };
}
