import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { authority, leaf } from './openssl.js';
import { cli, inFolder, medians, ms, must, time } from './timing.js';

export const title = 'init (P-256 keys; openssl makes key, request, certificate and fingerprint, and nothing else)';

const byHand = (clients) =>
  inFolder((folder) => {
    authority(folder);
    leaf(folder, 'server.example.com', 'serverAuth');
    for (const name of clients) leaf(folder, name, 'clientAuth');
  });

export function run() {
  const one = ['client.example.com'];
  const [hand, init] = medians(
    [
      () => byHand(one),
      () =>
        inFolder((folder) =>
          must(process.execPath, [
            cli,
            'init',
            '--server',
            'server.example.com',
            '--client',
            ...one,
            '--yes',
            '--out',
            join(folder, 'out'),
          ]),
        ),
    ],
    9,
  );
  const count = Number(process.env.BENCH_CLIENTS ?? 1000);
  const clients = Array.from({ length: count }, (_, index) => `c${index}.example.com`);
  const manyByHand = time(() => byHand(clients));
  const many = inFolder((folder) => {
    const file = join(folder, 'clients');
    writeFileSync(file, `${clients.join('\n')}\n`);
    return time(() =>
      must(process.execPath, [
        cli,
        'init',
        '--server',
        'server.example.com',
        '--clients-file',
        file,
        '--yes',
        '--out',
        join(folder, 'out'),
      ]),
    );
  });
  return [
    { what: 'openssl: authority, one server, one client', value: ms(hand), note: 'median of 9, interleaved' },
    {
      what: 'certrelay init: the same, maps, fragments, verified',
      value: ms(init),
      note: `${ms(init - hand)} more; target at most 500 ms more`,
    },
    { what: `openssl: loop over ${count} clients`, value: ms(manyByHand), note: `${ms(manyByHand / count)} each` },
    { what: `certrelay init --clients-file: ${count} clients`, value: ms(many), note: `${ms(many / count)} each` },
  ];
}
