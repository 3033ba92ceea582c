import { TableFailure } from '../../postfix/config.ts';
import { atLeast, type Version, within } from '../../postfix/version.ts';
import { splitStatus } from '../dialogue/reply.ts';
import { fitStatus } from './address-status.ts';
import { type Check, DUNNO, OK, REJECT, type Run } from './run.ts';
import type { Scope, Site } from './scope.ts';

/** One row of the table of access(5) actions. */
export interface Action {
  readonly name: string;
  readonly since: string;
  readonly doc: string;
  /** Needs a mail transaction to act on. */
  readonly message?: true;
  /** `rest` is what follows the action word. */
  compile(rest: string, scope: Scope, site: Site): Check;
}

/** `<NAME>: CLASS rejected: TEXT`, the text of most refusals. */
export function rejected(run: Run, scope: Scope, text: string): string {
  return `<${scope.name(run.session)}>: ${scope.className} rejected: ${text}`;
}

/**
 * The text of a refusal, by the words behind its action. Behind a status and nothing else, releases up to 3.7 read on
 * in memory, where an earlier entry may lie: what they show nobody can tell.
 */
function textOr(fallback: string, rest: string, text: string, version: Version): (run: Run) => string {
  if (text !== '') return () => text;
  if (rest === '' || atLeast(version, '3.8')) return () => fallback;
  return (run) => run.trail.suppose(`what lies in memory behind "${rest}"`, [fallback, 'unknown']);
}

type Refusal = (run: Run, code: number, dsn: string, text: string) => ReturnType<Check>;

function refusal(code: string, dsn: string, fallback: string, act: Refusal): Action['compile'] {
  return (rest, scope, site) => {
    const split = splitStatus(rest, dsn);
    const text = textOr(fallback, rest, split.text, site.config.version);
    const number = site.config.integer(code);
    return (run) => act(run, number, fitStatus(run, split.dsn, scope.className), rejected(run, scope, text(run)));
  };
}

/** An action that leaves a mark on the message and goes on. */
function mark(action: string, valid: (rest: string) => boolean, complaint: string): Action['compile'] {
  return (rest, scope) => (run) => {
    if (!valid(rest)) {
      run.warn(`access table entry "${action} ${rest}" ${complaint}`);
      return DUNNO;
    }
    run.effect(action.toLowerCase(), `<${scope.name(run.session)}>: ${scope.className} triggers ${action} ${rest}`);
    return DUNNO;
  };
}

/** A line of the log with the text as it is written. */
function note(action: string): Action['compile'] {
  return (rest) => (run) => {
    run.effect(action, rest);
    return DUNNO;
  };
}

/** Once for a message: of one that is on hold already nothing is said. */
const hold: Action['compile'] = (rest, scope) => (run) => {
  if (run.effects.some(({ action }) => action === 'hold')) return DUNNO;
  const { session } = run;
  run.effect('hold', `<${scope.name(session)}>: ${scope.className} ${rest === '' ? 'triggers HOLD action' : rest}`);
  return DUNNO;
};

const policy = 'policy' as const;

export const actions: readonly Action[] = [
  { name: 'DUNNO', since: '2.9', doc: 'Go on as if no key had been found.', compile: () => () => DUNNO },
  {
    name: 'REJECT',
    since: '2.9',
    doc: 'Refuse with access_map_reject_code and the text given.',
    compile: refusal('access_map_reject_code', '5.7.1', 'Access denied', (run, code, dsn, text) =>
      run.reject(policy, code, dsn, text),
    ),
  },
  {
    name: 'DEFER',
    since: '2.9',
    doc: 'Refuse for now with access_map_defer_code and the text given.',
    compile: refusal('access_map_defer_code', '4.7.1', 'Access denied', (run, code, dsn, text) =>
      run.reject(policy, code, dsn, text),
    ),
  },
  {
    name: 'HANGUP',
    since: '3.0',
    doc: 'Drop the connection without a reply.',
    compile: (rest) => (run) => {
      run.effect('hangup', rest);
      run.hangup = true;
      return REJECT;
    },
  },
  { name: 'INFO', since: '3.0', doc: 'Log an information line.', compile: note('info') },
  { name: 'WARN', since: '2.9', doc: 'Log a warning line.', compile: note('warn') },
  {
    name: 'FILTER',
    since: '2.9',
    doc: 'Send the message through a content filter.',
    message: true,
    compile: mark('FILTER', (rest) => rest.includes(':'), 'requires transport:destination'),
  },
  {
    name: 'HOLD',
    since: '2.9',
    doc: 'Put the message on hold.',
    message: true,
    compile: hold,
  },
  {
    name: 'DISCARD',
    since: '2.9',
    doc: 'Accept the message and throw it away; no further restriction is asked.',
    message: true,
    compile: (rest, scope) => (run) => {
      run.effect(
        'discard',
        `<${scope.name(run.session)}>: ${scope.className} ${rest === '' ? 'triggers DISCARD action' : rest}`,
      );
      run.discard = true;
      return OK;
    },
  },
  {
    name: 'REDIRECT',
    since: '2.9',
    doc: 'Send the message to another address.',
    message: true,
    compile: mark('REDIRECT', (rest) => rest.includes('@'), 'requires user@domain target'),
  },
  {
    name: 'BCC',
    since: '3.0',
    doc: 'Send a blind copy.',
    message: true,
    compile: mark('BCC', (rest) => rest.includes('@'), 'requires user@domain target'),
  },
  {
    name: 'DEFER_IF_PERMIT',
    since: '2.9',
    doc: 'Defer the command if it would be permitted in the end.',
    compile: refusal('access_map_defer_code', '4.7.1', 'Service unavailable', (run, code, dsn, text) =>
      run.deferIfPermit(policy, code, dsn, text),
    ),
  },
  {
    name: 'DEFER_IF_REJECT',
    since: '2.9',
    doc: 'Defer the command if it would be refused for good in the end.',
    compile: refusal('access_map_defer_code', '4.7.1', 'Service unavailable', (run, code, dsn, text) =>
      run.deferIfReject(policy, code, dsn, text),
    ),
  },
  {
    name: 'PREPEND',
    since: '2.9',
    doc: 'Put a header before the message.',
    message: true,
    compile: mark('PREPEND', (rest) => /^[!-9;-~]+:/.test(rest), 'requires headername: headervalue'),
  },
];

/** Compiles a right-hand side; what is no action is a list of restrictions (`site.action` falls back to that). */
export function compileAction(value: string, scope: Scope, site: Site, table: string, nested: () => Check): Check {
  const { config } = site;
  if (value === '') return emptyValue(scope, table, site);
  // Not empty, and yet a list of nothing.
  if (/^[\s,]+$/.test(value)) return emptyList(table);
  const [word = ''] = value.split(/[ \t]/, 1);
  const rest = value.slice(word.length).replace(/^[ \t]+/, '');
  const row = actions.find(
    (action) => action.name === word.toUpperCase() && within(config.version, { since: action.since }),
  );
  if (row !== undefined) {
    const check = row.compile(rest, scope, site);
    return row.message === true ? needsMessage(check, row.name, scope, site) : check;
  }
  if (/^\d+$/.test(value)) return () => OK;
  if (/^[45]\d\d[ \t]/.test(value)) return withCode(Number(word), rest, scope, config.version);
  if (word.toUpperCase() === 'OK' || word.toUpperCase() === 'RELAY') return () => OK;
  if (value.includes(':')) {
    return (run) => {
      run.warn(`access table ${table} has entry with lookup table: ${value}`);
      run.warn('do not specify lookup tables inside SMTPD access maps');
      run.warn('define a restriction class and specify its name instead.');
      return run.configFailure();
    };
  }
  return nested();
}

/** `NNN text` with a code of its own. */
function withCode(code: number, rest: string, scope: Scope, version: Version): Check {
  const digit = String(code).charAt(0);
  const { dsn, text } = splitStatus(rest, `${digit}.7.1`);
  const fitted = `${digit}${dsn.slice(1)}`;
  const shown = textOr('Access denied', rest, text, version);
  return (run) => run.reject(policy, code, fitStatus(run, fitted, scope.className), rejected(run, scope, shown(run)));
}

function emptyValue(scope: Scope, table: string, site: Site): Check {
  return within(site.config.version, { since: '3.2' }) ? tableError(scope) : emptyList(table);
}

function emptyList(table: string): Check {
  return (run) => {
    run.warn(`access table ${table} entry has empty value`);
    return OK;
  };
}

/** What an access table that cannot be asked comes to; a warning only, under warn_if_reject. */
export function tableError(scope: Scope): Check {
  return (run) => run.reject(policy, 451, '4.3.5', rejected(run, scope, 'Server configuration error'));
}

export function isFailure(answer: unknown): answer is TableFailure {
  return answer instanceof TableFailure;
}

function needsMessage(check: Check, name: string, scope: Scope, site: Site): Check {
  if (site.config.get('smtpd_proxy_filter') !== '' && name !== 'PREPEND') return unavailable(name);
  if (name === 'PREPEND' && scope.stage === 'end_of_data') {
    return (run) => {
      run.warn('PREPEND must be used before DATA');
      return DUNNO;
    };
  }
  // ETRN has no message, though lists of other commands are asked about it; nor has anything before MAIL.
  const without = unavailable(name);
  return (run) => (run.session.phase === 'etrn' || run.session.sender === undefined ? without(run) : check(run));
}

function unavailable(name: string): Check {
  return (run) => {
    run.warn(`${name} action is not available here`);
    return DUNNO;
  };
}
