import { parseNetwork } from '../../policy/postfix/matching/address-pattern.ts';
import { tokens } from '../../policy/postfix/tokens.ts';
import { overrideOf, setTo } from '../configuration/edit.ts';
import type { FindingRow } from './finding.ts';
import { at, decisiveFor, perService } from './per-service.ts';

const loopback = '127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128';

/** Who can relay by address alone. */
export const networkFindings: readonly FindingRow[] = [
  {
    id: 'mynetworks-host-bits',
    severity: 'error',
    title: 'a network in mynetworks has bits set behind its mask',
    doc: 'Postfix does not round such a pattern: whoever it is compared with gets "451 4.3.0 Temporary lookup failure".',
    test: (evidence) =>
      perService(evidence, (server, service) => {
        const { config } = service;
        return tokens(config.get('mynetworks'), config.version).flatMap((word) => {
          const bare = word.replace(/^!+/, '');
          if (!bare.includes('/') || !/^[0-9a-f.:/[\]]*$/i.test(bare)) return [];
          const read = parseNetwork(bare);
          if (!('message' in read)) return [];
          const better = /use "([^"]+)" instead/.exec(read.message)?.[1];
          return [
            {
              ...at(server, service, 'mynetworks', word),
              ...decisiveFor(evidence, service, ({ reply }) => reply?.reply.code === 451),
              message: `"${word}" in mynetworks cannot be compared with: ${read.message}`,
              why: 'everybody whom the elements before it do not match is answered "451 4.3.0 Temporary lookup failure"',
              repair:
                better === undefined
                  ? 'write the network as address/length'
                  : `write ${better} if you mean the network, or the address alone`,
              ...(better === undefined
                ? {}
                : {
                    edits: [
                      [
                        setTo(
                          'mynetworks',
                          config.raw('mynetworks').replace(bare, better),
                          overrideOf(service, 'mynetworks'),
                        ),
                      ],
                    ],
                  }),
            },
          ];
        });
      }),
  },
  {
    id: 'mynetworks-subnet',
    severity: 'warning',
    title: "mynetworks is left to a default that takes in the host's neighbours",
    doc: 'Without mynetworks the server takes whole networks of its interfaces for its own: by default up to Postfix 2.11, and below compatibility level 2.',
    test: (evidence) =>
      perService(evidence, (server, service) => {
        const { config } = service;
        if (config.isSet('mynetworks')) return [];
        const style = config.get('mynetworks_style').toLowerCase();
        if (style !== 'subnet' && style !== 'class') return [];
        const words = tokens(config.get('inet_interfaces').toLowerCase(), config.version);
        if (words.length > 0 && words.every((word) => /^(?:loopback-only|localhost|127\..*|\[?::1\]?)$/.test(word)))
          return [];
        return [
          {
            ...at(server, service, 'mynetworks_style'),
            parameter: 'mynetworks',
            ...(style === 'class' ? { severity: 'error' as const } : {}),
            message: `mynetworks is not set, and mynetworks_style "${style}" lets every host of ${style === 'class' ? 'the whole class A, B or C network' : "the server's subnets"} relay`,
            why: 'permit_mynetworks asks for no certificate: a neighbour at the same provider is let in',
            repair: `write "mynetworks = ${loopback}", and add what is your own`,
          },
        ];
      }),
  },
];
