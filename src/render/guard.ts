import { field } from './field.ts';

/**
 * Refuses a view with a hole or a line break anywhere, as the last check before a template: strict mode does not see
 * undefined values in every place, and a line break in a value would be a line of its own in main.cf, a map or a
 * script. A hole is a defect of certrelay, a line break is bad input.
 */
export function guard<View extends object>(view: View, path = 'view'): View {
  for (const [key, value] of Object.entries(view)) {
    const place = `${path}.${key}`;
    if (typeof value === 'string') {
      if (value !== '') field('parameter value', value);
    } else if (typeof value === 'object' && value !== null) {
      guard(value, place);
    } else if (typeof value !== 'boolean') {
      throw new Error(`${place} is ${String(value)}`);
    }
  }
  return view;
}
