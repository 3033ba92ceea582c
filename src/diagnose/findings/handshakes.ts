import type { FindingRow } from './finding.ts';
import { troubleLine } from './log-lines.ts';

/** What only a log shows: TLS that did not come about. */
export const handshakeFindings: readonly FindingRow[] = [
  {
    id: 'relay-not-trusted',
    severity: 'error',
    title: "the client does not trust its relay's certificate, and defers",
    doc: 'At level verify, secure or fingerprint a client delivers only to a server whose certificate it can tie to what it knows.',
    test: (evidence) => {
      const delivery = evidence.log?.deliveries.find(({ reason }) =>
        /Server certificate not (?:trusted|verified)|TLS is required, but|certificate verification failed/i.test(
          reason,
        ),
      );
      const line = delivery === undefined ? troubleLine(evidence, /certificate verification failed for/) : undefined;
      if (delivery === undefined && line === undefined) return [];
      const text = delivery?.reason ?? line?.text ?? '';
      const notOffered = /not offered|unavailable/.test(text);
      return [
        {
          ...(delivery === undefined ? (line === undefined ? {} : { where: line.where }) : { where: delivery.where }),
          decisive: true,
          message: `the client gave up before it said anything: "${text}"`,
          why: notOffered
            ? 'the server did not offer STARTTLS, and the client insists on it'
            : "the relay's certificate does not verify against the client's authorities, or bears another name",
          repair: notOffered
            ? 'look at the log of the server: its certificate or key may be unusable'
            : 'set smtp_tls_CAfile to the authority of the relay, and match= of the policy to a name in its certificate',
        },
      ];
    },
  },
  {
    id: 'handshake-failed',
    severity: 'warning',
    title: 'a TLS handshake failed',
    doc: 'No protocol or cipher in common, a certificate that one side refuses, or a client that gives up when it is asked for one.',
    test: (evidence) => {
      const line = troubleLine(
        evidence,
        /SSL_(?:accept|connect) error|TLS handshake failed|Cannot start TLS: handshake failure/,
      );
      if (line === undefined) return [];
      const library = troubleLine(evidence, /TLS library problem/);
      const detail = library === undefined ? '' : ` ("${library.text.replace(/^TLS library problem: /, '')}")`;
      return [
        {
          where: line.where,
          message: `a handshake failed: "${line.text}"`,
          why: `both sides need a protocol and a cipher in common, and neither may refuse the other's certificate${detail}`,
          repair:
            'compare the two sides with "openssl s_client -starttls smtp"; old systems may lack TLS 1.2 or elliptic curves',
        },
      ];
    },
  },
];
