import { atLeast } from '../../postfix/version.ts';
import type { Check } from '../lists/run.ts';
import type { Site } from '../lists/scope.ts';

/** A deprecated restriction: it works up to 3.8, and is a server configuration error from 3.9 on. */
export function beforeRemoval(site: Site, check: Check): Check {
  if (!atLeast(site.config.version, '3.9')) return check;
  return (run) => {
    run.warn(`support for restriction "${site.written}" has been removed from Postfix`);
    return run.configFailure();
  };
}
