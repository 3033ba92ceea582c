import type { PostfixConfig } from '../postfix/config.ts';
import { Resolver } from './address/resolve.ts';
import { ListCompiler, type Watch } from './compile-list.ts';
import { undefinedClass, unprotected } from './protection.ts';
import { type DialogueSettings, dialogueSettings } from './settings.ts';
import { Stages } from './stages.ts';
import { fatalTable } from './start-tables.ts';
import { badTempfailAction } from './tempfail-action.ts';
import { type TlsSettings, tlsSettings } from './tls.ts';

/** One server, ready to be asked about sessions. */
export interface Program {
  readonly config: PostfixConfig;
  /** The server process dies while starting; nothing else is set then. */
  readonly fatal?: string;
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
  const undefinedFatal =
    undefinedClass(config) ?? fatalTable(config) ?? unprotected(config) ?? badTempfailAction(config);
  if (undefinedFatal !== undefined) return dies(undefinedFatal);
  const tls = tlsSettings(config);
  if (tls.fatal !== undefined) return dies(tls.fatal);
  const resolver = new Resolver(config);
  const compiler = new ListCompiler(config, resolver, watch);
  const stages = new Stages(config, compiler);
  return { config, parts: { stages, tls, settings: dialogueSettings(config), resolver, compiler } };
}
