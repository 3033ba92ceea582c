import type { PostfixConfig } from '../../postfix/config.ts';
import { tokens } from '../../postfix/tokens.ts';
import type { Resolver } from '../address/resolve.ts';
import type { Place } from '../questions/place.ts';
import { Questions } from '../questions/questions.ts';
import { restrictionsOf } from '../restrictions/index.ts';
import { compileAction } from './actions.ts';
import { type Element, listCheck } from './list.ts';
import { endlessClass } from './protection.ts';
import type { Restriction } from './restriction.ts';
import type { Check } from './run.ts';
import type { Scope, Site } from './scope.ts';

/** Wraps each compiled check, for traces; the untraced program contains nothing of it. */
export type Watch = (check: Check, place: Place) => Check;

/** Restriction classes that every server has. */
const predefined: Readonly<Record<string, string>> = {
  reject_sender_login_mismatch:
    'reject_authenticated_sender_login_mismatch reject_unauthenticated_sender_login_mismatch',
};

/** Compiles restriction lists, classes and access(5) right-hand sides of one configuration. */
export class ListCompiler {
  readonly questions: Questions;
  /** What is compiled when evaluation first gets there, for those who want it all beforehand; each may add to it. */
  readonly ahead: (() => void)[] = [];
  private readonly config: PostfixConfig;
  private readonly watch: Watch | undefined;
  private readonly rows: ReadonlyMap<string, Restriction>;
  /** Class names, as written, with what they stand for. */
  private readonly classes: ReadonlyMap<string, string>;

  constructor(config: PostfixConfig, resolver: Resolver, watch: Watch | undefined) {
    this.config = config;
    this.watch = watch;
    this.questions = new Questions(config, resolver);
    this.rows = restrictionsOf(config.version);
    const own = tokens(config.get('smtpd_restriction_classes'), config.version);
    this.classes = new Map([
      ...Object.entries(predefined),
      ...own.map((name): [string, string] => [name, config.get(name)]),
    ]);
  }

  /** Compiles the words of a list; `list` names it where it is shown. */
  compile(text: string, list: string, scope: Scope): Check {
    const words = tokens(text, this.config.version);
    const elements: Element[] = [];
    for (let at = 0; at < words.length; ) {
      const word = words[at] ?? '';
      const row = this.rows.get(word.toLowerCase());
      const argument = row?.takes === undefined ? undefined : words[at + 1];
      at += argument === undefined ? 1 : 2;
      const place: Place = {
        list,
        index: elements.length,
        restriction: word,
        ...(argument === undefined ? {} : { argument }),
      };
      if (row?.name === 'warn_if_reject') {
        elements.push({ place, check: undefined });
        continue;
      }
      const site = this.site(scope, word, argument, words[at]);
      const check = row === undefined ? this.other(word, scope) : this.restriction(row, site);
      elements.push({ place, check: this.watch === undefined ? check : this.watch(check, place) });
    }
    return listCheck(elements, this.config.version);
  }

  private restriction(row: Restriction, site: Site): Check {
    const { argument } = site;
    if (row.takes === 'table') {
      if (argument === undefined) return configurationError(`restriction ${site.written} requires a table argument`);
      if (!argument.includes(':')) {
        return configurationError(`restriction ${site.written}: bad argument "${argument}": need maptype:mapname`);
      }
    }
    if (row.takes === 'service' && argument?.includes(':') !== true) {
      return configurationError(`restriction ${site.written} requires a service argument`);
    }
    // Tables are opened, and questions built, when evaluation first reaches the restriction.
    let check: Check | undefined;
    this.ahead.push(() => {
      check ??= row.compile(site);
    });
    return (run) => {
      check ??= row.compile(site);
      return check(run);
    };
  }

  /** A restriction class, a bare table, or a word that means nothing. */
  private other(word: string, scope: Scope): Check {
    const members = this.classes.get(word);
    if (members !== undefined) return bounded(this.nested(members, word, scope), word);
    if (word.includes(':')) {
      const row = scope.tableMeans === undefined ? undefined : this.rows.get(scope.tableMeans);
      if (row !== undefined) return this.restriction(row, this.site(scope, word, word, undefined));
      return configurationError(
        'specify one of (check_client_access, check_reverse_client_hostname_access, check_helo_access, ' +
          'check_sender_access, check_recipient_access, check_etrn_access) ' +
          `before ${scope.className} restriction "${word}"`,
      );
    }
    return configurationError(`unknown smtpd restriction: "${word}"`);
  }

  /** Compiled when first met: classes and tables may lead back to themselves. */
  private nested(text: string, list: string, scope: Scope): Check {
    let compiled: Check | undefined;
    this.ahead.push(() => {
      compiled ??= this.compile(text, list, scope);
    });
    return (run) => {
      compiled ??= this.compile(text, list, scope);
      return compiled(run);
    };
  }

  private site(scope: Scope, written: string, argument: string | undefined, followedBy: string | undefined): Site {
    const site: Site = {
      scope,
      config: this.config,
      questions: this.questions,
      written,
      argument,
      followedBy,
      action: (value, named, table) =>
        compileAction(value, named, site, table, () => shallow(this.nested(value, table, named))),
    };
    return site;
  }
}

function configurationError(warning: string): Check {
  return (run) => {
    run.warn(warning);
    return run.configFailure();
  };
}

/** As deep as lists may stand in right-hand sides. */
const deepest = 100;

/** A right-hand side that is a list is refused where too many stand in each other. */
function shallow(check: Check): Check {
  return (run) => {
    if (run.recursion <= deepest) return check(run);
    run.warn('restriction lists are nested too deeply');
    return run.configFailure();
  };
}

/** Classes may stand in each other as deep as they like; only one that holds itself gets as far as this. */
function bounded(check: Check, name: string): Check {
  return (run) => (run.recursion <= 5 * deepest ? check(run) : run.die(endlessClass(name).replace(/^fatal: /, '')));
}
