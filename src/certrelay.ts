/**
 * certrelay as a library: the version, and fingerprints as Postfix writes them. The policy simulator is
 * `certrelay/policy`, which runs anywhere; this entry needs Node.
 */

export { certrelayVersion as version } from './lib/version.ts';
export * as policy from './policy/policy.ts';
export type { CertificateFacts } from './x509/facts.ts';
export { type Inspection, inspect } from './x509/inspect.ts';
