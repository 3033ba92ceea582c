import { isInDatabase } from './database-table.ts';
import type { Engine, Template } from './handlebars.ts';
import type { RenderInput } from './input.ts';
import type { Output } from './view.ts';

/** The folder of what the database itself needs, below the output folder and below templates/ alike. */
export const databaseFolder = 'database';

/** The migrations of the shared table, in the order of their names; nothing where every server has a file. */
export function databaseOutputs(
  renderer: Engine,
  templates: readonly Template[],
  { inventory: { settings } }: Pick<RenderInput, 'inventory'>,
): readonly Output[] {
  if (!isInDatabase(settings)) return [];
  return templates
    .filter(({ name }) => name.startsWith(`${databaseFolder}/`))
    .map(({ name }) => ({
      ...{ template: name, to: name.replace(/\.hbs$/, ''), mode: 0o644, kind: 'file' },
      content: renderer.render(name, { renderCommand: 'certrelay render' }),
    }));
}
