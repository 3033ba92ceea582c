import type { Finding, FindingRow } from '../../diagnose/findings/finding.ts';

/** What a SARIF log says of the program that made it. */
export interface SarifTool {
  readonly name: string;
  readonly version: string;
}

/**
 * Findings as a SARIF 2.1.0 log (OASIS standard, "Static Analysis Results Interchange Format"), with a rule for each
 * row of the registry, so that a platform can tell a finding that went away from one that was never looked for.
 * `file` is where a finding is shown that is at no line: platforms want a file with each.
 */
export function sarifLog(
  findings: readonly Finding[],
  rows: readonly FindingRow[],
  tool: SarifTool,
  file?: string,
): unknown {
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: tool.name, semanticVersion: tool.version, rules: rows.map(rule) } },
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => result(finding, rows, file)),
      },
    ],
  };
}

function rule({ id, severity, title, doc }: FindingRow) {
  return {
    id,
    shortDescription: { text: `${title}.` },
    fullDescription: { text: doc },
    help: { text: `${doc} See docs/findings.md#${id}.` },
    defaultConfiguration: { level: severity },
  };
}

function result(finding: Finding, rows: readonly FindingRow[], file: string | undefined) {
  const { id, severity, message, why, repair, where, parameter, service } = finding;
  const logical = parameter ?? service;
  const artifact = where?.file ?? file;
  const location = {
    ...(artifact === undefined
      ? {}
      : {
          physicalLocation: {
            artifactLocation: { uri: uriOf(artifact) },
            ...(where === undefined ? {} : { region: { startLine: where.line, startColumn: where.column } }),
          },
        }),
    ...(logical === undefined
      ? {}
      : { logicalLocations: [{ name: logical, kind: parameter === undefined ? 'module' : 'variable' }] }),
  };
  return {
    ruleId: id,
    ruleIndex: rows.findIndex((row) => row.id === id),
    level: severity,
    message: { text: `${message}: ${why}. To do: ${repair}.` },
    ...(Object.keys(location).length === 0 ? {} : { locations: [location] }),
    // The line may move; what is said stays, and with it the finding's identity.
    partialFingerprints: { 'certrelay/v1': [id, parameter ?? '', service ?? '', message].join('|') },
  };
}

/** A file's name as a URI reference (RFC 3986); absolute paths get the scheme. */
function uriOf(file: string): string {
  const encoded = file
    .split('/')
    .map((part) => encodeURIComponent(part))
    .join('/');
  return file.startsWith('/') ? `file://${encoded}` : encoded;
}
