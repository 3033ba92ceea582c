import { existsSync } from 'node:fs';
import type { Problem } from '../../../lib/problem.ts';
import type { Version } from '../../../policy/postfix/version.ts';
import { isListener } from '../dedicated-service.ts';
import type { Located } from '../locate.ts';
import type { HostFolder } from '../read-folder.ts';
import type { Target } from '../target.ts';
import { readOverrides } from './hidden.ts';
import { otherRoutes } from './other-routes.ts';
import type { Refusal } from './refusal.ts';
import { certificateReplaced } from './replaced-certificate.ts';

/** What the operator agrees to give up on this host. */
export interface Accepted {
  /** Every port may show certrelay's certificate. */
  readonly replaceCertificate: boolean;
  /** The TLS settings of all mail may change, not only of that to the relay. */
  readonly allRoutes: boolean;
}

/** What a run was told and found beside the folder and the host's files. */
interface Context {
  readonly located: Located;
  readonly version: Version;
  readonly accepted: Accepted;
}

/**
 * What the host uses for others than certrelay's servers and clients and would lose: the certificate that its ports show, the
 * TLS settings of its other routes. --replace-certificate and --all-routes agree to that.
 */
export function takenOver(
  { path: folder, manifest, files }: HostFolder,
  { config, set, owned, entries }: Target,
  { located: { programs }, version, accepted }: Context,
): { readonly refusal: Refusal | undefined; readonly notices: readonly Problem[] } {
  const host = {
    ...{ version, folder, config, set, owned, entries },
    overrides: readOverrides(programs.postconf('-xP').stdout),
    policy: files.get('tls_policy')?.toString('utf8') ?? '',
    expanded: (name: string) => programs.expanded(name),
    hasRecord: (directory: string) => existsSync(`${directory}.backup/owned`),
    entriesOf(table: string) {
      const { status, stdout } = programs.postmap(['-s', table]);
      if (status !== 0) return undefined;
      return stdout.split('\n').flatMap((line) => {
        const [key = '', value = ''] = line.split(/\s+(.*)/s);
        return value === '' ? [] : [[key, value] as const];
      });
    },
  };
  const isMainServer = manifest.relayPort !== undefined && !manifest.services.some(isListener);
  const replaced = isMainServer && !accepted.replaceCertificate ? certificateReplaced(manifest, host) : undefined;
  if (replaced !== undefined) return { refusal: replaced, notices: [] };
  const routes = manifest.isClient && !accepted.allRoutes ? otherRoutes(manifest, host) : undefined;
  if (routes === undefined) return { refusal: undefined, notices: [] };
  return 'refusal' in routes
    ? { refusal: routes.refusal, notices: [] }
    : { refusal: undefined, notices: [{ code: 'system-authorities', message: routes.warning }] };
}
