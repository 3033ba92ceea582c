import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CertrelayError } from '../../lib/problem.ts';
import type { Template } from '../render/plan.ts';

/** The bundler of the single executable puts them here; everywhere else they are files. */
declare const __CERTRELAY_TEMPLATES__: readonly Template[] | undefined;

/**
 * The templates that belong to this certrelay: beside dist/ in an installed package, beside src/ in a checkout, so the
 * folder is looked for upwards from here.
 */
export function readTemplates(): readonly Template[] {
  if (typeof __CERTRELAY_TEMPLATES__ === 'object') return __CERTRELAY_TEMPLATES__;
  const here = dirname(fileURLToPath(import.meta.url));
  const folder = ['..', '../..', '../../..']
    .map((up) => join(here, up, 'templates'))
    .find((path) => existsSync(join(path, 'server')));
  if (folder === undefined) {
    throw new CertrelayError('failure', {
      code: 'templates-missing',
      message: `no templates folder above "${here}"`,
      hint: 'install certrelay again; its package carries templates/ beside dist/',
    });
  }
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.hbs'))
    .sort()
    .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
}
