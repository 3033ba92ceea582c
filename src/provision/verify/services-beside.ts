import { type Bench, bench, type Configuration } from '../../policy/identities/judge.ts';
import { readMasterCf } from '../../policy/postfix/master-cf.ts';
import { smtpServices } from '../../policy/postfix/service.ts';
import { portOf } from '../../policy/postfix/smtp-services.ts';
import { parseVersion } from '../../policy/postfix/version.ts';
import { hostPath } from '../ledger/paths.ts';
import type { HostView } from '../render/view.ts';
import type { OtherService } from './other-services.ts';

/** Where no master.cf is known, a server has at least this. */
const usualServices = 'smtp inet n - n - - smtpd\n';

/** What a configuration has with the rendered entries in its master.cf; the service of their own is what clients come to. */
export function withOwnService(
  view: HostView,
  before: Configuration,
  rendered: (to: string) => string,
): Pick<Configuration, 'masterCf' | 'service'> {
  if (!view.hasOwnService) return {};
  const present = before.masterCf ?? usualServices;
  const entries = rendered(hostPath(view.name, 'master.cf'));
  return { masterCf: `${present.replace(/\n*$/, '\n')}${entries}`, service: view.relayPort };
}

/** The services that clients do not come to, as the host has them and as it will; none where it has no service of its own. */
export function servicesBeside(
  view: HostView,
  before: Configuration,
  after: Configuration,
  made: { readonly baseBench: Bench },
): readonly OtherService[] {
  if (!view.hasOwnService) return [];
  if (before.masterCf === undefined) {
    return [{ name: 'smtp', before: made.baseBench, after: bench({ ...after, service: 'smtp' }) }];
  }
  const version = parseVersion(view.postfix);
  if ('code' in version) return [];
  const names = smtpServices(readMasterCf(before.masterCf, 'master.cf', version)).map(({ name }) => name);
  return [...new Set(names)]
    .filter((name) => portOf(name) !== view.relayPort)
    .map((name) => ({ name, before: bench({ ...before, service: name }), after: bench({ ...after, service: name }) }));
}
