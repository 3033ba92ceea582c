import type { Problem } from '../lib/problem.ts';
import type { ServerVerification } from '../provision/verify/verify.ts';
import { refusalText, verificationDocument, verificationText } from './verification.ts';

export interface HostLine {
  readonly role: 'authority' | 'server' | 'client';
  readonly name: string;
  readonly serial: string;
  /** ISO 8601; empty for a server that keeps a certificate of its own. */
  readonly notAfter: string;
  readonly keyType: string;
  readonly fingerprint: Readonly<Record<string, string>>;
  readonly publicKeyFingerprint: Readonly<Record<string, string>>;
  /** Folder or file, as the user would name it. */
  readonly path: string;
  readonly new: boolean;
}

/** What a run of init did, or would do. */
export interface SetUpReport {
  readonly out: string;
  /** False for a dry run, and when the verification failed. */
  readonly written: boolean;
  /** The verification as a whole. */
  readonly proof: 'met' | 'broken' | 'unknown';
  readonly dryRun: boolean;
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly unchanged: number;
  readonly hosts: readonly HostLine[];
  readonly digest: string;
  /** The servers share a table in a database. */
  readonly hasTable: boolean;
  readonly verifications: readonly ServerVerification[];
  readonly notes: readonly Problem[];
  /** The command line that does the same again; after the wizard only. */
  readonly command?: string;
}

/** More hosts than this are counted, not listed: a report is for reading. */
const shownHosts = 20;

/** The report for people: the answer, what lies where and until when, the verification, what to do next. */
export function setUpText(report: SetUpReport): string {
  if (report.proof !== 'met') return refusalText(report.proof, report.verifications);
  const parts = [headline(report), hostLines(report), verificationText(report.verifications)];
  const changed = report.created.length + report.updated.length > 0;
  if (changed && report.written) parts.push(next(report));
  if (report.command !== undefined) parts.push(`the same again without questions\n  ${report.command}\n`);
  return parts.filter((part) => part !== '').join('\n');
}

function headline({ out, written, dryRun, created, updated, unchanged }: SetUpReport): string {
  if (created.length + updated.length === 0)
    return `nothing changed: all ${unchanged} files in ${out} are as they should be\n`;
  const counts = [
    created.length === 0 ? '' : `${created.length} ${written ? 'created' : 'to create'}`,
    updated.length === 0 ? '' : `${updated.length} ${written ? 'updated' : 'to update'}`,
    unchanged === 0 ? '' : `${unchanged} unchanged`,
  ].filter((count) => count !== '');
  return `${dryRun ? 'nothing written (--dry-run)' : 'done'}: files in ${out}: ${counts.join(', ')}\n`;
}

function hostLines({ hosts, digest }: SetUpReport): string {
  const shown = hosts.slice(0, shownHosts);
  const name = Math.max(...shown.map((host) => host.name.length));
  const lines = shown.map((host) => {
    const expiry = host.notAfter === '' ? 'keeps its own certificate' : `until ${host.notAfter.slice(0, 10)}`;
    const first = `  ${host.role.padEnd(9)}  ${host.name.padEnd(name)}  ${expiry}  ${host.path}${host.new ? '  new' : ''}`;
    const fingerprint = host.fingerprint[digest];
    return host.role === 'client' && fingerprint !== undefined
      ? `${first}\n             ${digest} ${fingerprint}`
      : first;
  });
  if (hosts.length > shown.length) lines.push(`  … and ${hosts.length - shown.length} more, all in inventory.json`);
  return `${lines.join('\n')}\n`;
}

function next({ hosts, out, hasTable }: SetUpReport): string {
  const server = hosts.find(({ role }) => role === 'server');
  const client = hosts.find(({ role }) => role === 'client');
  const suffix = out === 'out' ? '' : ` --out ${out}`;
  const steps = [
    ...(hasTable
      ? [
          `in the database, once: psql --file ${out}/database/001-tables.sql, then 002-roles.sql beside it`,
          `bring the lines there: certrelay publish --database URL${suffix}`,
        ]
      : []),
    `copy ${server?.path ?? `${out}/hosts/`} to the server and run there, as root: sh install.sh`,
    `do the same with ${client?.path ?? `${out}/hosts/`} on the client, and with all other hosts`,
    `keep ${out}/ca to yourself: whoever has its key can issue certificates`,
  ];
  return `next\n${steps.map((step, index) => `  ${index + 1}. ${step}\n`).join('')}`;
}

/** The report for programs. */
export function setUpDocument(report: SetUpReport) {
  const { out, written, dryRun, proof, created, updated, unchanged, hosts, verifications, notes, command } = report;
  return {
    schema: 'certrelay/init@1',
    changed: written && created.length + updated.length > 0,
    ...{ out, written, dryRun, proof, created, updated, unchanged, hosts },
    verification: verifications.map(verificationDocument),
    notes,
    ...(command === undefined ? {} : { command }),
  };
}
