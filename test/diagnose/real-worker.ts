import { makeCertificates } from '../kinds/differential/certificates.ts';
import { realLines } from '../kinds/differential/compare.ts';
import { enclose, ground } from '../kinds/differential/enclosure.ts';
import { NameServer } from '../kinds/differential/name-server.ts';
import { Postfix } from '../kinds/differential/real-server.ts';
import { SystemLog } from '../kinds/differential/system-log.ts';
import type { Part } from './fixture.ts';
import { caseOf } from './played-part.ts';

/** What to play: in the namespaces that this process was started in. */
export interface RealTask {
  /** The folder of the system with the Postfix; empty: this machine's. */
  readonly root: string;
  readonly parts: readonly { readonly name: string; readonly part: Part; readonly client: string }[];
}

/** A line of the answer. */
export type RealAnswer =
  | { readonly version: string }
  | { readonly name: string; readonly lines: readonly string[] }
  | { readonly name: string; readonly silent: string };

function say(answer: RealAnswer): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

async function main({ root, parts }: RealTask): Promise<void> {
  enclose(root);
  const pool = await makeCertificates(new Date());
  const log = await SystemLog.start(`${ground}/dev/log`);
  const postfix = await Postfix.start(root, pool, log, await NameServer.start());
  say({ version: postfix.version });
  for (const { name, part, client } of parts) {
    const { configuration, session, world } = caseOf(part, client, pool);
    await postfix.configure(configuration);
    const played = await postfix.play(session, world);
    say(played.silent === undefined ? { name, lines: realLines(played) } : { name, silent: played.silent });
  }
  await postfix.stop();
  process.exit(0);
}

let input = '';
process.stdin.setEncoding('utf8').on('data', (text: string) => {
  input += text;
});
process.stdin.once('end', () => void main(JSON.parse(input) as RealTask));
