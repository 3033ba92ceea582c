// Loaded before the command line (node --import): counts the calls that change the disk, and stops the process for good
// at one of them, as a power cut would. What it needs comes in the environment:
//   STOP_AT    the number of the call at which to stop, from 1; none: run to the end
//   STOP_TORN  1: where that call is a write, half of its bytes are written first
//   STOP_LOG   a file that gets the name and the path of every call; none: nothing is noted
//   STOP_CLOCK milliseconds by which the clock of the process is ahead
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { STOP_AT = '0', STOP_TORN, STOP_LOG, STOP_CLOCK = '0' } = process.env;
const stopAt = Number(STOP_AT);
const ahead = Number(STOP_CLOCK);
const real = { ...fs };
const opened = new Map();
const calls = [];

function count(name, path, tear) {
  calls.push(`${name} ${path}`);
  if (calls.length !== stopAt) return;
  if (STOP_TORN === '1') tear?.();
  process.kill(process.pid, 'SIGKILL');
  // Nothing may happen between the signal and its arrival.
  for (;;);
}

fs.openSync = (path, flags, mode) => {
  const creates = typeof flags === 'number' && (flags & real.constants.O_CREAT) !== 0;
  if (creates) count('create', path);
  const file = real.openSync(path, flags, mode);
  if (creates) opened.set(file, path);
  return file;
};
fs.closeSync = (file) => {
  opened.delete(file);
  real.closeSync(file);
};
fs.writeFileSync = (file, content) => {
  const bytes = Buffer.from(content);
  const write = (part) => {
    for (let done = 0; done < part.length; ) done += real.writeSync(file, part, done);
  };
  // Standard output, where it is a file, is no part of the state.
  if (opened.has(file)) count('write', opened.get(file), () => write(bytes.subarray(0, bytes.length >> 1)));
  write(bytes);
};
fs.fsync = (file, done) => {
  count('flush', opened.get(file) ?? 'a folder');
  real.fsync(file, done);
};
for (const name of ['fchmodSync', 'ftruncateSync']) {
  fs[name] = (file, ...rest) => {
    count(name, opened.get(file) ?? '');
    real[name](file, ...rest);
  };
}
for (const name of ['chmodSync', 'linkSync', 'mkdirSync', 'renameSync', 'rmdirSync', 'unlinkSync']) {
  fs[name] = (...args) => {
    count(name, args[0]);
    return real[name](...args);
  };
}
syncBuiltinESMExports();

if (ahead !== 0) {
  const Time = Date;
  globalThis.Date = class extends Time {
    constructor(...given) {
      if (given.length === 0) super(Time.now() + ahead);
      else super(...given);
    }
    static now() {
      return Time.now() + ahead;
    }
  };
}
if (STOP_LOG !== undefined) process.on('exit', () => real.writeFileSync(STOP_LOG, `${calls.join('\n')}\n`));
