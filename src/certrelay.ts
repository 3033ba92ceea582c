/**
 * certrelay as a library: the version, and fingerprints as Postfix writes them. The policy simulator is
 * `certrelay/policy`, which runs anywhere; this entry needs Node.
 */

export { certrelayVersion as version } from './lib/version.ts';
export type { CertificateFacts } from './pki/facts.ts';
export { type Inspection, inspect } from './pki/inspect.ts';
export * as policy from './policy.ts';
