import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until `ask` has an answer; throws after `seconds`, with what `describe` has to say about it. */
export async function until<T>(
  what: string,
  ask: () => T | undefined | Promise<T | undefined>,
  { seconds = 30, describe = () => '' }: { seconds?: number; describe?: () => string | Promise<string> } = {},
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`no ${what} within ${seconds} s\n${await describe()}`);
    await sleep(50);
  }
}
