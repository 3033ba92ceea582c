import type { PostfixConfig } from '../../postfix/config.ts';
import type { Run, Status } from './run.ts';
import type { Site } from './scope.ts';

/** What a temporary error of the outside world comes to, by the value of a `…_tempfail_action` parameter. */
export function onTemporaryError(site: Site, parameter: string) {
  const defers = site.config.get(parameter).toLowerCase() === 'defer_if_permit';
  return (run: Run, code: number, dsn: string, text: string): Status =>
    defers ? run.deferIfPermit('policy', code, dsn, text) : run.reject('policy', code, dsn, text);
}

const parameters = [
  'unknown_helo_hostname_tempfail_action',
  'unknown_address_tempfail_action',
  'unverified_recipient_tempfail_action',
  'unverified_sender_tempfail_action',
];

/** The log line of an action that is none, with which the server does not start. */
export function badTempfailAction(config: PostfixConfig): string | undefined {
  const bad = parameters.find((name) => !/^defer(_if_permit)?$/i.test(config.get(name)));
  return bad === undefined ? undefined : `fatal: bad configuration: ${bad} = ${config.get(bad)}`;
}
