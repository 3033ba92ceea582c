import { TableFailure } from '../../postfix/config.ts';
import { atLeast, patchedSince, type Version } from '../../postfix/version.ts';
import { addressMapCuts } from '../address/cuts.ts';
import { addressKeys, split } from '../address/keys.ts';
import { canWait, Maps } from '../address/maps.ts';
import { splitStatus } from '../dialogue/reply.ts';
import type { Mailbox, Session } from '../dialogue/session.ts';
import type { Question } from '../questions/facts.ts';
import type { Place } from '../questions/place.ts';
import type { Questions } from '../questions/questions.ts';
import type { Trail } from '../questions/trail.ts';
import { fitStatus } from './address-status.ts';
import { DUNNO, LEFT, OK, type Run, type Status } from './run.ts';

/** Why an address is nobody's here. */
interface Unlisted {
  readonly code: number;
  readonly dsn: string;
  readonly text: string;
}

type Answer = Unlisted | 'listed' | 'failed' | TableFailure;

/** Local parts that always exist. */
const always = new Set(['double-bounce', 'postmaster', 'mailer-daemon']);

const classes = {
  local: ['local_recipient_maps', 'unknown_local_recipient_reject_code', 'local recipient table'],
  'virtual mailbox': ['virtual_mailbox_maps', 'unknown_virtual_mailbox_reject_code', 'virtual mailbox table'],
  relay: ['relay_recipient_maps', 'unknown_relay_recipient_reject_code', 'relay recipient table'],
} as const;

/** Whether a sender or recipient in one of this server's domains exists (reject_unlisted_recipient, postconf(5)). */
export class UnlistedCheck {
  private readonly questions: Questions;
  private readonly sender: boolean;
  private readonly place: Place;
  private readonly alone: readonly Place[];
  private readonly question: Question<Answer>;
  private readonly rewritten: readonly Maps[];
  private readonly rewrites: boolean;
  /** None of those maps can fail. */
  private readonly rewrittenCanWait: boolean;
  private readonly aliasCode: number;
  private readonly retries: boolean;
  private readonly rows: Readonly<
    Record<
      keyof typeof classes,
      { readonly maps: Maps; readonly lists: boolean; readonly code: number; readonly text: string }
    >
  >;

  constructor(questions: Questions, party: 'sender' | 'recipient') {
    const { config } = questions;
    this.questions = questions;
    this.sender = party === 'sender';
    this.place = { list: `smtpd_reject_unlisted_${party}`, index: 0, restriction: `reject_unlisted_${party}` };
    this.alone = [this.place];
    const shown = config.boolean('show_user_unknown_table_name');
    const row = (of: keyof typeof classes) => {
      const [maps, code, table] = classes[of];
      return {
        maps: new Maps(config, maps),
        // Separators are a value, too: that of a list which holds nobody.
        lists: config.get(maps) !== '',
        code: config.integer(code),
        text: `User unknown${shown ? ` in ${table}` : ''}`,
      };
    };
    this.rows = { local: row('local'), 'virtual mailbox': row('virtual mailbox'), relay: row('relay') };
    this.aliasCode = config.integer('unknown_virtual_alias_reject_code');
    this.retries = atLeast(config.version, '3.0');
    const names = [
      'recipient_canonical_maps',
      ...(this.sender ? ['sender_canonical_maps'] : []),
      'canonical_maps',
      'virtual_alias_maps',
    ];
    this.rewritten = names
      .filter((name) => name !== 'sender_canonical_maps' || sendersAreRewritten(config.version))
      .map((name) => new Maps(config, name));
    this.rewrites = this.rewritten.some((maps) => !maps.empty);
    this.rewrittenCanWait = canWait(this.rewritten.flatMap(({ tables }) => tables));
    this.question = questions.once<Answer>({
      subject: party,
      text: `${party} listed`,
      literal: (session, trail) => this.find(this.mailbox(session), trail),
      cuts: () =>
        addressMapCuts(
          config,
          ...this.rewritten.map((maps) => maps.parameter),
          ...Object.values(classes).map(([name]) => name),
        ).concat({ keys: always, locals: true }),
      say: (answer) =>
        answer === 'listed'
          ? 'known here, or not for this server to know'
          : typeof answer === 'string' || answer instanceof TableFailure
            ? 'it could not be looked up'
            : answer.text,
    });
  }

  /** Refuses an address that does not exist. It is asked once a command, unless that was only for a warning. */
  check(run: Run): Status {
    const mailbox = this.mailbox(run.session);
    if (mailbox === undefined) return DUNNO;
    if (this.sender ? run.senderMapChecked : run.recipientMapChecked) return DUNNO;
    if (run.warnIfReject === 0) {
      if (this.sender) run.senderMapChecked = true;
      else run.recipientMapChecked = true;
    }
    const answer = run.ask(this.question);
    if (answer === 'listed') return DUNNO;
    if (answer === 'failed') return run.lookupFailure(mailbox.text);
    if (answer instanceof TableFailure)
      return answer.kind === 'retry' ? run.lookupFailure(mailbox.text) : run.configFailure();
    const className = this.sender ? 'Sender address' : 'Recipient address';
    const dsn = fitStatus(run, answer.dsn, className);
    return run.reject('bounce', answer.code, dsn, `<${mailbox.text}>: ${className} rejected: ${answer.text}`);
  }

  /** The same without being written in a list: the end of the sender and recipient lists implies it. */
  imply(run: Run): Status {
    run.setOut();
    run.stand(run.recursion, this.place, this.alone);
    const status = this.check(run);
    if (status !== LEFT) return status;
    // The jump leads back to before this check, which fails again, and so on: the client gets no reply.
    run.trail.giveUp(`a reply of the server, which repeats ${this.place.restriction} for ever`);
    return OK;
  }

  private mailbox(session: Session): Mailbox | undefined {
    return this.sender ? session.sender : session.recipient;
  }

  private find(mailbox: Mailbox | undefined, trail: Trail): Answer {
    if (mailbox === undefined || mailbox.text === '') return 'listed';
    const { resolved } = mailbox;
    if (resolved.failed) return 'failed';
    const { addressClass, address, domain, transport } = resolved;
    const row = addressClass === 'default' || addressClass === 'virtual alias' ? undefined : this.rows[addressClass];
    const plain = transport.error === undefined && transport.retry === undefined;
    if (plain && !this.rewrites && row?.lists !== true) return 'listed';
    // Whatever these say of it, nothing refuses it.
    if (plain && row?.lists !== true && this.rewrittenCanWait) return 'listed';
    const keys = addressKeys(address, this.questions.resolver.keySettings(domain, trail));
    for (const maps of this.rewritten) {
      const found = maps.findAny(keys, trail);
      if (found instanceof TableFailure) return found;
      if (found !== undefined) return 'listed';
    }
    const status = this.sender ? '1.0' : '1.1';
    if (transport.error !== undefined) {
      const { dsn, text } = splitStatus(transport.error, `5.${status}`);
      return { code: addressClass === 'virtual alias' ? this.aliasCode : 550, dsn, text };
    }
    if (transport.retry !== undefined && this.retries) {
      const { dsn, text } = splitStatus(transport.retry, `4.${status}`);
      return { code: 450, dsn, text };
    }
    if (row?.lists !== true) return 'listed';
    if (addressClass === 'local' && always.has(split(address).local)) return 'listed';
    const found = row.maps.findAny(keys, trail);
    if (found instanceof TableFailure) return found;
    return found === undefined ? { code: row.code, dsn: `5.${status}`, text: row.text } : 'listed';
  }
}

/** From these patch levels on a sender may also be known by sender_canonical_maps. */
function sendersAreRewritten(version: Version): boolean {
  return patchedSince(version, ['2.11.9', '3.0.8', '3.1.4']);
}
