import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { GatherRequest } from '../../../diagnose/replay/gather.ts';
import { PostfixPrograms } from '../../../hosts/programs/postfix-programs.ts';
import { programsOf } from '../../../hosts/programs/programs.ts';
import { programsFolder } from '../../../lib/files/roots-folder.ts';
import { CertrelayError } from '../../../lib/problem.ts';
import type { Io, Options } from '../../command.ts';
import { inputLines, listOption, textOption } from '../../option-values.ts';
import { serverRequest, sessionRequest } from '../simulate/request.ts';

/** What arguments and options say of the evidence. */
export function gatherRequest(args: readonly string[], options: Options, io: Io): GatherRequest {
  const server = serverRequest(options);
  const session = sessionRequest(options);
  return {
    files: {
      ...server,
      unnamed: args,
      clientMainCf: textOption(options.clientMainCf),
      logs: listOption(options.log),
      hasSession: [session.clientAddress, session.file, session.sender, session.recipients].some(
        (given) => given !== undefined,
      ),
    },
    ...{ release: server.release, service: server.service, session },
    resolve: options.resolve === true,
    installed: options.live === true ? () => installedPostfix(options, io) : undefined,
    ...{ cwd: io.cwd, now: io.now(), standardInput: () => inputLines(io.stdin) },
  };
}

/** The Postfix of this host. Throws a CertrelayError where there is none. */
export function installedPostfix(options: Options, { env }: Io): PostfixPrograms {
  const run = programsOf(env, programsFolder(textOption(options.programs)));
  const directory = run('postconf', ['-h', 'config_directory']);
  if (directory.status !== 0) {
    const reason = directory.stderr.trim().split('\n')[0] ?? '';
    throw new CertrelayError('failure', {
      code: 'live-without-postfix',
      message: `--live needs a Postfix on this host: ${reason}`,
      hint: 'without one, give main.cf, the tables and a log',
    });
  }
  return new PostfixPrograms(run, directory.stdout.trim());
}

/** Options that take any number of values, and what a value of theirs looks like. */
const variadic: Readonly<Record<string, RegExp>> = {
  table: /=/,
  fingerprint: /=/,
  publicKeyFingerprint: /=/,
  to: /@/,
  // A log is recognized by its content, not by its name.
  log: /^$/,
};

/**
 * An option that takes several values also takes the positional arguments after it: `--table /etc/x=x server.postconf`.
 * Values that the option cannot mean, and that are files, become positional arguments again.
 */
export function reclaimPositionals(
  args: readonly string[],
  options: Options,
  cwd: string,
): { readonly args: readonly string[]; readonly options: Options } {
  const reclaimed: string[] = [];
  const kept: Record<string, Options[string]> = { ...options };
  for (const [name, form] of Object.entries(variadic)) {
    const values = options[name];
    if (!Array.isArray(values)) continue;
    const isPositional = (value: string) => value !== '-' && !form.test(value) && existsSync(resolve(cwd, value));
    // The first value of --log may have any content: it is the option's own.
    const found = (values as readonly string[]).filter(
      (value, index) => isPositional(value) && (name !== 'log' || index > 0),
    );
    if (found.length === 0) continue;
    reclaimed.push(...found);
    const rest = (values as readonly string[]).filter((value) => !found.includes(value));
    if (rest.length === 0) delete kept[name];
    else kept[name] = rest;
  }
  return { args: [...args, ...reclaimed], options: kept };
}
