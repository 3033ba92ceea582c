import { field } from './field.ts';

/** What was looked at and found right; views are never changed, and a fleet's lines are in several. */
const checked = new WeakSet<object>();

/** For a part of a view whose every value was judged by its own grammar when it was made. */
export function judged<Part extends object>(part: Part): Part {
  checked.add(part);
  return part;
}

/**
 * Refuses a view with a hole or a line break anywhere, as the last check before a template: strict mode does not see
 * undefined values in every place, and a line break in a value would be a line of its own in main.cf, a map or a
 * script. A hole is a defect of certrelay, a line break is bad input.
 */
export function guard<View extends object>(view: View, path = 'view'): View {
  if (checked.has(view)) return view;
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
  checked.add(view);
  return view;
}
