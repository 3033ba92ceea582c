/**
 * Calls `leave` when a prompt's input ends before its answer: Ctrl-D on an empty line, or a terminal that went away.
 * readline then closes without a word to the prompt, which would wait for ever; it does pause its input, and that shows.
 * Returns the function that stops watching.
 */
export function whenAbandoned(input: NodeJS.ReadableStream, leave: () => void): () => void {
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
