import inquirer from 'inquirer';
import { CertrelayError } from '../../lib/problem.ts';
import { beforeEnd, holdSignals } from '../../lib/signals.ts';
import type { Asker } from './asker.ts';
import type { Terminal } from './context.ts';
import type { Look } from './theme.ts';

/** Asks on a terminal by inquirer's prompts, drawn on `output`; `columns` is read anew for each, since windows change. */
export function inquirerAsker(terminal: Terminal, look: Look, columns: () => number): Asker {
  const { input, output } = terminal;
  const lines = (text: string) => text.split('\n').flatMap((line) => wrapped(line, Math.max(20, columns() - 2)));

  const validation = (refuse: (text: string) => Promise<string | undefined>) => async (text: string) => {
    const refusal = await refuse(text);
    return refusal === undefined ? true : lines(refusal).join('\n');
  };

  // A list hides the cursor; where the process ends meanwhile, no prompt would show it again.
  const showCursor = () => void output.write('\u001b[?25h');

  async function ask(question: object): Promise<unknown> {
    const leaving = new AbortController();
    const settled = whenAbandoned(input, () => leaving.abort());
    // The prompt gives the terminal back as it was before a signal ends the process.
    const held = holdSignals(() => leaving.abort());
    const forget = beforeEnd(showCursor);
    try {
      const prompt = inquirer.createPromptModule({ input, output, signal: leaving.signal });
      const { answer }: { answer?: unknown } = await prompt([
        { ...question, name: 'answer', theme: look.theme } as never,
      ]);
      return answer;
    } catch (error) {
      if (error instanceof Error && /^(Exit|Abort|Cancel)PromptError$/.test(error.name)) throw interrupted();
      throw error;
    } finally {
      settled();
      await held.release();
      forget();
    }
  }

  return {
    tell(...texts) {
      for (const line of texts.flatMap(lines)) output.write(`${line}\n`);
    },
    explain(text) {
      output.write('\n');
      for (const line of lines(text)) output.write(`${look.quiet(line)}\n`);
    },
    async input(message, fallback, refuse) {
      const validate = validation(refuse);
      const shown = fallback === undefined ? {} : { default: fallback };
      return String(await ask({ type: 'input', message: `${message}:`, validate, ...shown }));
    },
    async select(message, choices, fallback) {
      const rows = choices.map(({ value, name, explain, refused }) => ({
        value,
        name,
        short: name,
        description: lines(refused ?? explain).join('\n'),
        disabled: refused === undefined ? false : '(not here)',
      }));
      const first = choices.find((choice) => choice.refused === undefined)?.value;
      const taken = choices.some((choice) => choice.value === fallback && choice.refused === undefined);
      const start = taken ? fallback : first;
      return String(
        await ask({
          type: 'select',
          message: `${message}:`,
          choices: rows,
          default: start,
          pageSize: pageSize(output),
        }),
      );
    },
    async confirm(message, fallback) {
      return (await ask({ type: 'confirm', message: `${message}?`, default: fallback })) === true;
    },
    async password(message, refuse = async () => undefined) {
      const validate = validation(refuse);
      return String(await ask({ type: 'password', message: `${message}:`, validate, mask: '*', toggleMask: false }));
    },
  };
}

/** A list and what stands around it must fit on the screen, or it cannot be redrawn in place. */
function pageSize(output: NodeJS.WritableStream): number {
  const rows = (output as Partial<NodeJS.WriteStream>).rows ?? 24;
  return Math.min(12, Math.max(3, rows - 8));
}

function interrupted(): CertrelayError {
  return new CertrelayError('interrupted', { code: 'interrupted', message: 'interrupted: nothing was written' });
}

/**
 * Calls `leave` when a prompt's input ends before its answer: Ctrl-D on an empty line, or a terminal that went away.
 * readline then closes without a word to the prompt, which would wait for ever; it does pause its input, and that shows.
 * Returns the function that stops watching.
 */
function whenAbandoned(input: NodeJS.ReadableStream, leave: () => void): () => void {
  const paused = () => {
    setImmediate(() => {
      // Back from Ctrl-Z, readline pauses as well but keeps the terminal raw: the prompt is still there and goes on.
      if ((input as Partial<NodeJS.ReadStream>).isRaw === true) input.resume();
      else leave();
    });
  };
  input.on('pause', paused);
  input.on('end', leave);
  return () => {
    input.removeListener('pause', paused);
    input.removeListener('end', leave);
  };
}

/**
 * Breaks a line between words at the width; what follows keeps the line's own indentation. A longer word stays whole, and
 * so do the columns of a table as far as they fit.
 */
export function wrapped(line: string, width: number): readonly string[] {
  const indent = /^ */.exec(line)?.[0] ?? '';
  const lines: string[] = [];
  let current = '';
  for (const piece of line.match(/ *\S+/g) ?? []) {
    if (current !== '' && current.length + piece.length > width) {
      lines.push(current);
      current = indent + piece.trimStart();
    } else current += piece;
  }
  return [...lines, current];
}
