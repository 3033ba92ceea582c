/** How the prompts look; the same without colour, less the colour. */
export interface Look {
  /** Applied to the lines that explain a question. */
  quiet(text: string): string;
  /** What inquirer takes as `theme`, for every kind of prompt. */
  readonly theme: object;
}

/** Whether the environment and the flags want colour; the caller has made sure of a terminal. */
export function wantsColour(env: Readonly<Record<string, string | undefined>>, colourFlag: unknown): boolean {
  return colourFlag !== false && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
}

/**
 * inquirer decides about colour by standard output, which may be a file while the prompts go to standard error;
 * so every style is set here.
 */
export function lookOf(colour: boolean): Look {
  const style = (code: number) => (text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const [bold, dim, red, green, cyan] = [style(1), style(2), style(31), style(32), style(36)];
  const theme = {
    prefix: { idle: cyan('?'), done: green('*') },
    spinner: { interval: 120, frames: ['-', '\\', '|', '/'] },
    icon: { cursor: '>' },
    style: {
      answer: cyan,
      message: bold,
      error: (text: string) => red(`> ${text}`),
      defaultAnswer: (text: string) => dim(`(${text})`),
      help: dim,
      highlight: cyan,
      key: cyan,
      disabled: dim,
      description: dim,
      maskedText: '',
      confirmDefault: (text: string) => text.toUpperCase(),
      keysHelpTip: () => dim('arrow keys move, enter takes'),
    },
    i18n: { disabledError: 'this one cannot be taken' },
  };
  return { quiet: dim, theme };
}
