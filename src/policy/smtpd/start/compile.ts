import type { PostfixConfig } from '../../postfix/config.ts';
import { Resolver } from '../address/resolve.ts';
import { ListCompiler, type Watch } from '../lists/compile-list.ts';
import { undefinedClass, unprotected } from '../lists/protection.ts';
import { Stages } from '../lists/stages.ts';
import { badTempfailAction } from '../lists/tempfail-action.ts';
import { type TlsSettings, tlsSettings } from '../questions/tls.ts';
import { deadProgram } from './dead-program.ts';
import { type DialogueSettings, dialogueSettings } from './settings.ts';
import { fatalTable } from './start-tables.ts';

/** One server, ready to be asked about sessions. */
export interface Program {
  readonly config: PostfixConfig;
  /** The server process dies while starting; nothing else is set then. */
  readonly fatal?: string;
  /** Set: without others who die the server cannot even greet, and nobody learns what it would say. */
  readonly alone?: string;
  readonly parts?: {
    readonly stages: Stages;
    readonly tls: TlsSettings;
    readonly settings: DialogueSettings;
    readonly resolver: Resolver;
    readonly compiler: ListCompiler;
  };
}

/** Compiles a configuration once; `watch` sees every check run, for traces. */
export function compile(config: PostfixConfig, watch?: Watch): Program {
  const dies = (fatal: string): Program => ({ config, fatal });
  if (config.fatal !== undefined) return dies(`fatal: ${config.fatal}`);
  const nameless = undefinedClass(config);
  if (nameless !== undefined) return dies(nameless);
  const table = fatalTable(config);
  if (table?.program === 'smtpd') return dies(`fatal: ${table.fatal}`);
  const lawless = unprotected(config) ?? badTempfailAction(config);
  if (lawless !== undefined) return dies(lawless);
  const tls = tlsSettings(config);
  if (tls.fatal !== undefined) return dies(tls.fatal);
  const everyone = config.askedFatal('everyone');
  const dead = everyone === undefined ? table?.fatal : everyone;
  const alone =
    dead === undefined ? {} : { alone: deadProgram(everyone === undefined ? 'proxymap' : 'everyone', dead) };
  const resolver = new Resolver(config);
  const compiler = new ListCompiler(config, resolver, watch);
  const stages = new Stages(config, compiler);
  return { config, ...alone, parts: { stages, tls, settings: dialogueSettings(config), resolver, compiler } };
}
