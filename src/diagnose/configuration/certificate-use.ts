import type { PostfixConfig } from '../../policy/postfix/config.ts';
import { logicalLines } from '../../policy/postfix/logical-lines.ts';
import { tokens } from '../../policy/postfix/tokens.ts';
import { tlsSettings } from '../../policy/smtpd/questions/tls.ts';
import type { ConfigurationEvidence, ServiceEvidence, TableEvidence } from '../evidence/evidence.ts';
import { certificatePermits, flatElements, restrictionLists } from './elements.ts';

/** A lookup table whose keys are fingerprints. */
export interface FingerprintTable {
  /** As written: `hash:/etc/postfix/relay_clientcerts`. */
  readonly spec: string;
  readonly type: string;
  readonly path: string;
  /** The parameter that names it: relay_clientcerts, or the list of check_ccert_access. */
  readonly parameter: string;
  /** Its source, where that was given. */
  readonly source?: TableEvidence;
}

/** True where a service lets clients in, or keeps them out, by their certificate. */
export function usesCertificates({ config }: ServiceEvidence): boolean {
  return certificatePermits(config).length > 0 || certificateAccess(config).length > 0;
}

/** True where it matters whether a client's certificate verifies: its fingerprint alone does not decide. */
export function needsTrust({ config }: ServiceEvidence): boolean {
  return (
    certificatePermits(config).some(({ name }) => name === 'permit_tls_all_clientcerts') ||
    tlsSettings(config).requiresCertificate
  );
}

function certificateAccess(config: PostfixConfig) {
  return restrictionLists
    .flatMap((list) => flatElements(config, list))
    .filter(({ name, argument }) => name === 'check_ccert_access' && argument !== undefined);
}

/** The tables that a service looks fingerprints up in. */
export function fingerprintTables(
  server: ConfigurationEvidence,
  service: ServiceEvidence,
): readonly FingerprintTable[] {
  const { config } = service;
  const listed = certificatePermits(config).length === 0 ? [] : relayTables(server, service);
  const access = certificateAccess(config).map(({ list, argument = '' }) => ({
    spec: argument.startsWith('{') ? (tokens(argument.slice(1, -1), config.version)[0] ?? '') : argument,
    parameter: list,
  }));
  return [...listed, ...access.map(({ spec, parameter }) => tableOf(server, spec, parameter))];
}

/** The tables that relay_clientcerts names, whether a list asks for them or not. */
export function relayTables(server: ConfigurationEvidence, { config }: ServiceEvidence): readonly FingerprintTable[] {
  const specs = tokens(config.get('relay_clientcerts'), config.version);
  return specs.map((spec) => tableOf(server, spec, 'relay_clientcerts'));
}

function tableOf({ tables }: ConfigurationEvidence, spec: string, parameter: string): FingerprintTable {
  const plain = spec.replace(/^proxy:/, '');
  const colon = plain.indexOf(':');
  const path = plain.slice(colon + 1);
  const source = tables.find((table) => table.path === path);
  return { spec, type: plain.slice(0, colon), path, parameter, ...(source === undefined ? {} : { source }) };
}

/** Types whose keys are looked up as they are written, letter case aside. */
export function hasFixedKeys({ type }: FingerprintTable): boolean {
  return /^(?:hash|btree|dbm|sdbm|cdb|lmdb|texthash)$/.test(type);
}

/** One line of a table's source. */
export interface TableLine {
  readonly line: number;
  readonly key: string;
  /** Empty where the line has none. */
  readonly value: string;
  readonly text: string;
}

/** The lines of a table's source, usable or not. */
export function tableLines({ text }: TableEvidence): readonly TableLine[] {
  const lines: TableLine[] = [];
  logicalLines(text, (logical, line) => {
    const [key = '', value = ''] = logical.trim().split(/\s+(.*)/s);
    lines.push({ line, key, value: value.trim(), text: logical });
  });
  return lines;
}
