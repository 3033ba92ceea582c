import { type PostfixConfig, TableFailure } from '../../postfix/config.ts';
import { tableCuts } from '../../postfix/cut.ts';
import { tokens } from '../../postfix/tokens.ts';
import type { Questions } from '../questions/questions.ts';
import type { ListCompiler } from './compile-list.ts';
import { type Check, DUNNO, OK, REJECT, type Run } from './run.ts';
import { scopes } from './scopes.ts';

/** What may stand in the list beside tables (postconf(5)). */
const known = new Set([
  'permit_inet_interfaces',
  'permit_mynetworks',
  'permit_sasl_authenticated',
  'permit_tls_clientcerts',
  'permit_tls_all_clientcerts',
]);

const harmless = new Set(['permit_inet_interfaces', 'permit_sasl_authenticated']);

/**
 * local_header_rewrite_clients, asked at MAIL: whose headers are completed matters to no reply, but a table that
 * cannot be asked does. Answers with the status of the reply, or undefined when MAIL goes on.
 */
export function headerRewriteClients(
  config: PostfixConfig,
  compiler: ListCompiler,
): (run: Run) => '4.3.0' | '4.3.5' | undefined {
  const checks: Check[] = [];
  const words = tokens(config.get('local_header_rewrite_clients'), config.version);
  // The default asks nothing that can fail, so nothing needs asking.
  if (words.every((word) => harmless.has(word.toLowerCase()))) return () => undefined;
  for (let i = 0; i < words.length; i++) {
    let word = words[i] ?? '';
    if (word.toLowerCase() === 'check_address_map') {
      i += 1;
      word = words[i] ?? '';
    }
    if (known.has(word.toLowerCase()))
      checks.push(compiler.compile(word, 'local_header_rewrite_clients', scopes.client));
    else if (word.includes(':')) checks.push(addressCheck(config, word, compiler.questions));
    else checks.push(unknown(word));
  }
  return (run) => {
    run.resetList();
    for (const check of checks) {
      const status = check(run);
      if (status === OK) return undefined;
      if (status === REJECT) return run.reply?.enhanced === '4.3.0' ? '4.3.0' : '4.3.5';
    }
    return undefined;
  };
}

function addressCheck(config: PostfixConfig, spec: string, questions: Questions): Check {
  const table = config.table(spec);
  const question = questions.once<string | undefined | TableFailure>({
    subject: 'client address',
    text: `${spec}[address of the client]`,
    literal: ({ peer: { address } }, trail) =>
      table.opaque === undefined
        ? table.find(address)
        : trail.suppose(`table ${spec} key "${address}"`, [undefined, 'x']),
    cuts: () => tableCuts([table]),
    say: (answer) => (answer === undefined ? 'not found' : typeof answer === 'string' ? answer : 'cannot be read'),
  });
  return (run) => {
    const found = run.ask(question);
    if (found instanceof TableFailure) return found.kind === 'retry' ? run.lookupFailure('') : run.configFailure();
    return found === undefined ? DUNNO : OK;
  };
}

function unknown(word: string): Check {
  return (run) => {
    run.warn(`parameter local_header_rewrite_clients: invalid request: ${word}`);
    return DUNNO;
  };
}
