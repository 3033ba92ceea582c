import { shownFingerprint } from '../../../lib/placeholder-fingerprint.ts';
import { alteredTable, withTables } from '../../postfix/altered.ts';
import { type PostfixConfig, type Table, TableFailure } from '../../postfix/config.ts';
import type { Watch } from '../lists/compile-list.ts';
import { DUNNO, REJECT, type Run, type Status } from '../lists/run.ts';
import type { Facts, Question } from '../questions/facts.ts';
import type { Place } from '../questions/place.ts';
import type { Phase, Session } from './session.ts';

/** A question that a check asked, its answer in words, and the keys that were looked up on the way. */
export interface Asked {
  readonly question: string;
  readonly answer: string;
  readonly lookups: readonly Lookup[];
}

/** One key asked of one table; `value` is undefined when the key is not there. */
export interface Lookup {
  readonly table: string;
  readonly key: string;
  readonly value: string | undefined;
}

/** One check that was run: what it asked, what it came to, and the checks below it. */
export interface TraceNode {
  readonly place: Place;
  readonly phase: Phase;
  readonly recipient: string | undefined;
  readonly status: 'goes on' | 'permits' | 'refuses';
  readonly asked: readonly Asked[];
  readonly children: readonly TraceNode[];
}

interface OpenNode extends TraceNode {
  status: TraceNode['status'];
  readonly asked: Asked[];
  readonly children: TraceNode[];
}

/**
 * Watches a decision and builds the tree of its causes. Give `watch` and `config` to compile, `observe` and
 * `restart` to the simulator; a program compiled without a trace contains nothing of it.
 */
export class Trace {
  /** Every element that was compiled, run or not. */
  readonly places: Place[] = [];
  private roots: TraceNode[] = [];
  private readonly open: OpenNode[] = [];
  private lookups: Lookup[] = [];
  private session: Session | undefined;

  get nodes(): readonly TraceNode[] {
    return this.roots;
  }

  readonly watch: Watch = (check, place) => {
    this.places.push(place);
    return (run) => {
      const node = this.enter(place, run);
      const status = check(run);
      this.leave(node, status);
      return status;
    };
  };

  /** The same configuration, with every lookup in its tables heard. */
  config(config: PostfixConfig): PostfixConfig {
    return withTables(config, (table) => this.heard(table));
  }

  observe(facts: Facts): Facts {
    return {
      ask: <A>(question: Question<A>): A => {
        this.lookups = [];
        const answer = facts.ask(question);
        const session = this.session;
        const said = session === undefined ? '' : question.say(answer, session);
        this.open.at(-1)?.asked.push({ question: question.text, answer: said, lookups: this.lookups });
        this.lookups = [];
        return answer;
      },
    };
  }

  /** A path starts again: what was seen before belongs to another one. */
  restart(): void {
    this.roots = [];
    this.open.length = 0;
    this.lookups = [];
  }

  private enter(place: Place, run: Run): OpenNode {
    const { session } = run;
    this.session = session;
    const { phase } = session;
    const node: OpenNode = {
      place,
      phase,
      recipient: session.recipient?.text,
      status: 'goes on',
      asked: [],
      children: [],
    };
    (this.open.at(-1)?.children ?? this.roots).push(node);
    this.open.push(node);
    return node;
  }

  private leave(node: OpenNode, status: Status): void {
    node.status = status === DUNNO ? 'goes on' : status === REJECT ? 'refuses' : 'permits';
    this.open.pop();
  }

  private heard(table: Table): Table {
    const find: Table['find'] = (key, ready) => {
      const found = table.find(key, ready);
      const value = found instanceof TableFailure ? `(${found.log.join('; ')})` : found;
      this.lookups.push({ table: table.spec, key: shownFingerprint(key), value });
      return found;
    };
    // Whether a key is there is a lookup, too, and the trace shows what lies there.
    const has: Table['has'] = (ready) => find(ready.given, ready) !== undefined;
    return alteredTable(table, table.has === undefined ? { find } : { find, has });
  }
}
