import { resolve } from 'node:path';
import { type Located, locate } from '../../../hosts/apply/locate.ts';
import type { SurveyRequest } from '../../../hosts/apply/survey.ts';
import { programsOf, usualProgramLimit } from '../../../hosts/programs/programs.ts';
import { programsFolder } from '../../../lib/files/roots-folder.ts';
import type { Io, Options } from '../../command.ts';
import { textOption } from '../../option-values.ts';
import { outOf } from '../../state.ts';
import { readTimeLimit } from '../../time-limit.ts';

/** The Postfix that -c, --instance and --programs name. @throws CertrelayError (usage) */
export function locatedBy({ programs, timeout, configDir, instance }: Options, io: Io): Located {
  const limit = readTimeLimit('--timeout', timeout, usualProgramLimit);
  const run = programsOf(io.env, programsFolder(textOption(programs)), limit);
  return locate({ configDir: textOption(configDir), instance: textOption(instance), cwd: io.cwd }, run);
}

/** What the operator says about this host. */
export function surveyRequestOf({ host, replaceCertificate, allRoutes }: Options): SurveyRequest {
  return { host: textOption(host), replaceCertificate: replaceCertificate === true, allRoutes: allRoutes === true };
}

/** The state that --out names. */
export function stateNamed(options: Options, io: Io): string | undefined {
  return options.out === undefined ? undefined : resolve(io.cwd, outOf(options));
}
