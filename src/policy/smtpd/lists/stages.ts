import type { PostfixConfig } from '../../postfix/config.ts';
import { atLeast } from '../../postfix/version.ts';
import type { ListCompiler } from './compile-list.ts';
import { headerRewriteClients } from './header-rewrite-clients.ts';
import { type Check, DUNNO, LEFT, OK, REJECT, type Run, type Status } from './run.ts';
import type { Stage } from './scope.ts';
import { scopes } from './scopes.ts';
import { UnlistedCheck } from './unlisted.ts';

/** What the lists of a release without a relay restriction of its own would have done (3.3+, compatibility level 0). */
const dryRun = 'permit_mynetworks, permit_sasl_authenticated, permit_auth_destination';

/** Which list speaks when. */
export class Stages {
  /** smtpd_delay_reject: the client, helo and sender lists wait for RCPT. */
  readonly delayed: boolean;
  private readonly lists: Readonly<Record<Stage, Check | undefined>>;
  private readonly relayFirst: boolean;
  private readonly unlistedSender: UnlistedCheck | undefined;
  private readonly unlistedRecipient: UnlistedCheck | undefined;
  private readonly dry: Check | undefined;
  /** A list speaks at HELO, or would if it were sent. */
  readonly judgesHelo: boolean;
  /** A list speaks at DATA or after the message. */
  readonly judgesData: boolean;
  /** At MAIL, after the sender list: the status of a reply when a table could not be asked. */
  readonly headerRewrite: (run: Run) => '4.3.0' | '4.3.5' | undefined;

  constructor(config: PostfixConfig, compiler: ListCompiler) {
    const list = (stage: Stage): Check | undefined => {
      const parameter = `smtpd_${stage}_restrictions`;
      const text = config.get(parameter);
      return /[^\s,]/.test(text) ? compiler.compile(text, parameter, scopes[stage]) : undefined;
    };
    const { version } = config;
    const hasRelayList = atLeast(version, '2.10');
    const dry = hasRelayList && runsDry(config);
    this.delayed = config.boolean('smtpd_delay_reject');
    this.lists = {
      client: list('client'),
      helo: list('helo'),
      sender: list('sender'),
      relay: hasRelayList && !dry ? list('relay') : undefined,
      recipient: list('recipient'),
      etrn: list('etrn'),
      data: list('data'),
      end_of_data: list('end_of_data'),
    };
    this.judgesHelo = this.lists.helo !== undefined;
    this.judgesData = this.lists.data !== undefined || this.lists.end_of_data !== undefined;
    this.dry = dry ? compiler.compile(dryRun, 'smtpd_relay_restrictions', scopes.relay) : undefined;
    this.headerRewrite = headerRewriteClients(config, compiler);
    this.relayFirst = !dry && relayComesFirst(config);
    const checks = !config.get('receive_override_options').includes('no_unknown_recipient_checks');
    const unlisted = (party: 'sender' | 'recipient') =>
      checks && config.boolean(`smtpd_reject_unlisted_${party}`)
        ? new UnlistedCheck(compiler.questions, party)
        : undefined;
    this.unlistedSender = unlisted('sender');
    this.unlistedRecipient = unlisted('recipient');
  }

  client(run: Run): Status {
    run.resetList();
    run.deferralIfPermit.active = false;
    const status = evaluate(this.lists.client, run);
    run.deferIfPermitClient = run.deferralIfPermit.active;
    return status;
  }

  helo(run: Run): Status {
    if (run.session.helo === undefined) return DUNNO;
    run.resetList();
    run.deferralIfPermit.active = run.deferIfPermitClient;
    const status = evaluate(this.lists.helo, run);
    run.deferIfPermitHelo = run.deferralIfPermit.active;
    return status;
  }

  sender(run: Run): Status {
    if (run.session.sender === undefined) return DUNNO;
    run.resetList();
    run.senderMapChecked = false;
    run.deferralIfPermit.active = run.deferIfPermitClient || run.deferIfPermitHelo;
    let status = evaluate(this.lists.sender, run);
    run.deferIfPermitSender = run.deferralIfPermit.active;
    if (status !== REJECT && this.unlistedSender !== undefined && !run.senderMapChecked && !run.discard) {
      status = this.unlistedSender.imply(run);
    }
    return status;
  }

  recipient(run: Run): Status {
    run.recipientMapChecked = false;
    if (this.delayed && (this.client(run) === REJECT || this.helo(run) === REJECT || this.sender(run) === REJECT))
      return REJECT;
    run.resetList();
    run.deferralIfPermit.active = run.deferIfPermitSender;
    const { relay, recipient } = this.lists;
    let status = evaluate(this.relayFirst ? relay : recipient, run);
    if (status !== REJECT) status = evaluate(this.relayFirst ? recipient : relay, run);
    if (status !== REJECT && this.dry !== undefined) status = tried(this.dry, run);
    if (status !== REJECT && run.deferralIfPermit.active) status = run.deferPermit();
    if (status !== REJECT && this.unlistedRecipient !== undefined && !run.recipientMapChecked && !run.discard) {
      status = this.unlistedRecipient.imply(run);
    }
    return status;
  }

  etrn(run: Run): Status {
    if (this.delayed && (this.client(run) === REJECT || this.helo(run) === REJECT)) return REJECT;
    run.resetList();
    run.deferralIfPermit.active = run.deferIfPermitClient || run.deferIfPermitHelo;
    const status = evaluate(this.lists.etrn, run);
    return status !== REJECT && run.deferralIfPermit.active ? run.deferPermit() : status;
  }

  data(run: Run): Status {
    return this.single(this.lists.data, run);
  }

  endOfData(run: Run): Status {
    return this.single(this.lists.end_of_data, run);
  }

  private single(list: Check | undefined, run: Run): Status {
    run.resetList();
    run.deferralIfPermit.active = false;
    const status = evaluate(list, run);
    return status !== REJECT && run.deferralIfPermit.active ? run.deferPermit() : status;
  }
}

function evaluate(list: Check | undefined, run: Run): Status {
  if (list === undefined) return DUNNO;
  run.setOut();
  const status = list(run);
  if (status !== LEFT) return status;
  run.permitted();
  return OK;
}

/** A list that is there for its log line permits nothing, whatever its elements say. */
function tried(list: Check, run: Run): Status {
  const { permits } = run;
  const status = evaluate(list, run);
  run.permits = permits;
  return status;
}

/** From 3.3 on, below level 1 and with the relay list not set, that list is only tried for a log line. */
function runsDry(config: PostfixConfig): boolean {
  return (
    atLeast(config.version, '3.3') && config.compatibilityLevel[0] < 1 && !config.isSet('smtpd_relay_restrictions')
  );
}

/** Relay list first up to 3.2, recipient list first up to 3.5, then as smtpd_relay_before_recipient_restrictions says. */
function relayComesFirst(config: PostfixConfig): boolean {
  if (atLeast(config.version, '3.6')) return config.boolean('smtpd_relay_before_recipient_restrictions');
  return !atLeast(config.version, '3.3');
}
