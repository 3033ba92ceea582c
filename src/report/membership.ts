import type { Problem } from '../lib/problem.ts';
import type { ServerVerification } from '../provision/verify/verify.ts';
import { refusalText, verificationDocument } from './verification.ts';

/** A certificate that entered or left. */
export interface MemberCertificate {
  readonly host: string;
  readonly role: string;
  readonly serial: string;
  readonly notAfter: string;
  /** In the digest in force. */
  readonly fingerprint: string;
  /** `new`: issued now; `request`: issued for the host's own key; `elsewhere`: listed; `revoked`. */
  readonly what: 'new' | 'request' | 'elsewhere' | 'revoked';
}

/** What a run of add or remove did, or would do. */
export interface MembershipReport {
  readonly command: 'add' | 'remove';
  readonly out: string;
  readonly dryRun: boolean;
  readonly written: boolean;
  readonly proof: 'met' | 'broken' | 'unknown';
  readonly digest: string;
  readonly certificates: readonly MemberCertificate[];
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: number;
  readonly verifications: readonly ServerVerification[];
  /** What to do next, a line each. */
  readonly next: readonly string[];
  readonly notes: readonly Problem[];
}

const shown = 20;

/** The report for people. */
export function membershipText(report: MembershipReport): string {
  if (report.proof !== 'met') return refusalText(report.proof, report.verifications);
  const parts = [headline(report), certificates(report), nextText(report)];
  return parts.filter((part) => part !== '').join('\n');
}

function headline({ out, dryRun, created, updated, removed, unchanged }: MembershipReport): string {
  if (created.length + updated.length + removed.length === 0) {
    return `nothing changed: all ${unchanged} files in ${out} are as they should be\n`;
  }
  const counts = [
    created.length === 0 ? '' : `${created.length} ${dryRun ? 'to create' : 'created'}`,
    updated.length === 0 ? '' : `${updated.length} ${dryRun ? 'to update' : 'updated'}`,
    removed.length === 0 ? '' : `${removed.length} ${dryRun ? 'to remove' : 'removed'}`,
  ].filter((count) => count !== '');
  return `${dryRun ? 'nothing written (--dry-run)' : 'done'}: files in ${out}: ${counts.join(', ')}\n`;
}

const words = {
  new: '',
  request: '  for the key of its own',
  elsewhere: '  from elsewhere',
  revoked: '  revoked',
} as const;

function certificates({ certificates: all, digest }: MembershipReport): string {
  const lines = all
    .slice(0, shown)
    .flatMap(({ host, role, notAfter, fingerprint, what }) => [
      `  ${role.padEnd(6)}  ${host}  until ${notAfter.slice(0, 10)}${words[what]}\n`,
      `          ${digest} ${fingerprint}\n`,
    ]);
  if (all.length > shown) lines.push(`  … and ${all.length - shown} more, all in inventory.json\n`);
  return lines.join('');
}

function nextText({ next, created, updated, removed, written }: MembershipReport): string {
  if (!written || created.length + updated.length + removed.length === 0 || next.length === 0) return '';
  return `next\n${next.map((line, index) => `  ${index + 1}. ${line}\n`).join('')}`;
}

/** The report for programs. */
export function membershipDocument(report: MembershipReport) {
  const { command, verifications, ...rest } = report;
  const changes = report.created.length + report.updated.length + report.removed.length;
  return {
    schema: `certrelay/${command}@1`,
    changed: report.written && changes > 0,
    ...rest,
    verification: verifications.map(verificationDocument),
  };
}
