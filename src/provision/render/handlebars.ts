import Handlebars from 'handlebars';

/** A template by its path below templates/, e.g. `server/main.cf.hbs`. */
export interface Template {
  readonly name: string;
  readonly text: string;
}

export interface Engine {
  render(name: string, view: object): string;
}

/** Helpers know nothing of policy or of the world: they only write a value down for one kind of file. */
export const helpers = {
  /** A main.cf line; without a value no blank is left at its end. */
  set: (name: string, value: string) => (value === '' ? `${name} =` : `${name} = ${value}`),
  /** A word for sh(1), whatever is in it. */
  sh: (text: string) => `'${text.replaceAll("'", "'\\''")}'`,
} as const;

/** The words that a template may use beside the fields of its view. */
export const knownHelpers: Readonly<Record<string, boolean>> = Object.fromEntries(
  Object.keys(helpers).map((name) => [name, true]),
);

/** True for what templates include and nothing renders by itself. */
export function isPartial(name: string): boolean {
  return name.split('/').some((segment) => segment.startsWith('_'));
}

/** The name by which `{{> name}}` includes a partial: its file name without folder and `.hbs`. */
export function partialName(name: string): string {
  return name.replace(/^.*\//, '').replace(/\.hbs$/, '');
}

/** A step renders the servers as they are and as they will be, from the same templates. */
const engines = new WeakMap<readonly Template[], Engine>();

/** The engine of these templates; the same list, which nobody changes, is compiled once. */
export function engine(templates: readonly Template[]): Engine {
  const known = engines.get(templates) ?? newEngine(templates);
  engines.set(templates, known);
  return known;
}

/**
 * Compiles templates when they are first used. `noEscape`, since nothing here is HTML; `strict`, so that a field
 * that is not there is an error and not an empty string. Without `@` variables, of which Handlebars would make a set for every
 * line of a map.
 */
function newEngine(templates: readonly Template[]): Engine {
  const handlebars = Handlebars.create();
  const options = { noEscape: true, strict: true, data: false, knownHelpers, knownHelpersOnly: true };
  for (const [name, helper] of Object.entries(helpers)) handlebars.registerHelper(name, helper);
  for (const { name, text } of templates) {
    if (isPartial(name)) handlebars.registerPartial(partialName(name), handlebars.compile(text, options));
  }
  const compiled = new Map<string, Handlebars.TemplateDelegate>();
  const texts = new Map(templates.map(({ name, text }) => [name, text]));
  return {
    render(name, view) {
      const text = texts.get(name);
      if (text === undefined) throw new Error(`there is no template "${name}"`);
      const template = compiled.get(name) ?? handlebars.compile(text, options);
      compiled.set(name, template);
      return template(view);
    },
  };
}
