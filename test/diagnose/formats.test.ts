import { describe, expect, it } from 'vitest';
import { withSeverity } from '../../src/diagnose/findings/diagnose.ts';
import type { Finding } from '../../src/diagnose/findings/finding.ts';
import { findings as rows } from '../../src/diagnose/findings/index.ts';
import { findingDocument } from '../../src/report/findings/findings-document.ts';
import { countsText, findingsText } from '../../src/report/findings/findings-human.ts';
import { githubAnnotations } from '../../src/report/findings/github.ts';
import { sarifLog } from '../../src/report/findings/sarif.ts';

const tool = { name: 'certrelay', version: '1.2.3' };

function example(id: string, more: Partial<Finding> = {}): Finding {
  const row = rows.find((each) => each.id === id);
  if (row === undefined) throw new Error(`no finding is called "${id}"`);
  const { severity, title, doc } = row;
  return {
    ...{ id, severity, title, doc },
    message: 'it is wrong',
    why: 'it cannot work',
    repair: 'put it right',
    ...more,
  };
}

const found: readonly Finding[] = [
  example('ask-ccert-missing', {
    where: { file: 'etc/my main.cf', line: 7, column: 3 },
    parameter: 'smtpd_tls_ask_ccert',
  }),
  example('digest-default-md5', { where: { file: '/etc/postfix/main.cf', line: 1, column: 1 }, service: 'submission' }),
  example('log-level-low', { message: '100% wrong,\nfor once: it is' }),
];

interface Sarif {
  readonly $schema: string;
  readonly version: string;
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly name: string; readonly rules: readonly Record<string, unknown>[] } };
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly level: string;
      readonly message: { readonly text: string };
      readonly locations: readonly {
        readonly physicalLocation: {
          readonly artifactLocation: { readonly uri: string };
          readonly region?: { readonly startLine: number; readonly startColumn: number };
        };
        readonly logicalLocations?: readonly { readonly name: string }[];
      }[];
    }[];
  }[];
}

describe('SARIF', () => {
  const log = JSON.parse(JSON.stringify(sarifLog(found, rows, tool, 'main.cf'))) as Sarif;
  const [run] = log.runs;

  it('has what the schema of 2.1.0 requires, and a rule for every finding there is', () => {
    expect(log.version).toBe('2.1.0');
    expect(log.$schema).toMatch(/sarif-schema-2\.1\.0\.json$/);
    expect(log.runs).toHaveLength(1);
    expect(run?.tool.driver.name).toBe('certrelay');
    expect(run?.tool.driver.rules.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
    for (const rule of run?.tool.driver.rules ?? []) {
      expect(rule).toMatchObject({
        shortDescription: { text: expect.stringMatching(/\.$/) },
        help: { text: expect.any(String) },
      });
      expect(['error', 'warning', 'note']).toContain((rule.defaultConfiguration as { level: string }).level);
    }
  });

  it('has a result for each finding, at its rule, with a place that platforms accept', () => {
    expect(run?.results.map(({ ruleId }) => ruleId)).toEqual(found.map(({ id }) => id));
    for (const { ruleId, ruleIndex, level, message, locations } of run?.results ?? []) {
      expect(run?.tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
      expect(['none', 'note', 'warning', 'error']).toContain(level);
      expect(message.text.length).toBeGreaterThan(0);
      expect(locations).toHaveLength(1);
      const [{ physicalLocation } = { physicalLocation: undefined }] = locations;
      // A URI reference as RFC 3986 has it: no blanks.
      expect(physicalLocation?.artifactLocation.uri).toMatch(/^(?:file:\/\/\/)?[\w.%/-]+$/);
      for (const number of Object.values(physicalLocation?.region ?? {})) expect(number).toBeGreaterThanOrEqual(1);
    }
    expect(run?.results.map(({ locations }) => locations[0]?.physicalLocation.artifactLocation.uri)).toEqual([
      'etc/my%20main.cf',
      'file:///etc/postfix/main.cf',
      'main.cf',
    ]);
    expect(run?.results[0]?.locations[0]?.logicalLocations?.[0]?.name).toBe('smtpd_tls_ask_ccert');
  });

  it('is a log without results where nothing was found', () => {
    expect(sarifLog([], rows, tool)).toMatchObject({ runs: [{ results: [] }] });
  });
});

describe('annotations of a workflow', () => {
  it('are a line each, in which nothing ends a command early', () => {
    const lines = githubAnnotations(found).split('\n');
    expect(lines).toEqual([
      '::error file=etc/my main.cf,line=7,col=3,title=ask-ccert-missing::it is wrong%0Abecause it cannot work%0Ato do: put it right',
      '::warning file=/etc/postfix/main.cf,line=1,col=1,title=digest-default-md5::it is wrong%0Abecause it cannot work%0Ato do: put it right',
      '::notice title=log-level-low::100%25 wrong,%0Afor once: it is%0Abecause it cannot work%0Ato do: put it right',
      '',
    ]);
  });
});

describe('findings for people and programs', () => {
  it('say what, where and why, and what to do', () => {
    expect(findingsText(found.slice(0, 1))).toBe(
      'error: etc/my main.cf:7:3: it is wrong [ask-ccert-missing]\n  because it cannot work\n  to do: put it right\n',
    );
    expect(countsText(found)).toBe('1 error, 1 warning, 1 note');
    expect(countsText([])).toBe('');
  });

  it('are left out below a level', () => {
    expect(withSeverity(found, 'warning').map(({ id }) => id)).toEqual(['ask-ccert-missing', 'digest-default-md5']);
    expect(withSeverity(found, 'note')).toEqual(found);
  });

  it('name their page', () => {
    expect(found.map(findingDocument)).toMatchObject([
      { id: 'ask-ccert-missing', decisive: false, documentation: 'docs/findings.md#ask-ccert-missing' },
      { service: 'submission' },
      { severity: 'note' },
    ]);
  });
});
