/** One line that Postfix logged, in whatever wrapping it came. */
export interface LogLine {
  /** As the log writes it; empty where it writes none. */
  readonly time: string;
  /** The host the log names; empty where it names none. */
  readonly host: string;
  /** Syslog name and program: `postfix/smtpd`, `postfix/submission/smtpd`, `mx-in/smtpd`. */
  readonly name: string;
  readonly pid: number | undefined;
  readonly message: string;
}

/** The programs whose lines tell of sessions, of mail, or of a Postfix that does not come up. */
const programs = new Set([
  'smtpd',
  'smtp',
  'lmtp',
  'postscreen',
  'tlsproxy',
  'qmgr',
  'nqmgr',
  'oqmgr',
  'cleanup',
  'pickup',
  'local',
  'virtual',
  'pipe',
  'error',
  'retry',
  'discard',
  'relay',
  'bounce',
  'defer',
  'trace',
  'master',
  'postfix-script',
  'postfix',
  'tlsmgr',
  'trivial-rewrite',
  'proxymap',
  'verify',
  'anvil',
  'scache',
  'dnsblog',
  'postlog',
  'postlogd',
  'postqueue',
  'postsuper',
  'postmap',
  'sendmail',
  'postdrop',
  'spawn',
  'flush',
  'showq',
]);

/** `name/program[pid]: `, in front of which a time, a host and what a collector adds may stand. */
const tagged = /(?:^|[\s>|:])((?:[\w.@%+-]+\/)+([a-z-]+))\[(\d+)\]: /;

/** RFC 5424: priority and version, time, host, program, process, message identifier, structured data. */
const rfc5424 =
  /^<\d{1,3}>1 (\S+) (\S+) ((?:[\w.@%+-]+\/)+([a-z-]+)) (\d+|-) \S+ (?:-|(?:\[(?:[^\]"]|"(?:[^"\\]|\\.)*")*\])+) ?(?:\ufeff)?(.*)$/;

/** Times as syslog(3), RFC 3339, rsyslog, journalctl and people's scripts write them. */
const time =
  /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*|(?:\d{4} )?[A-Z][a-z]{2} {1,2}\d{1,2} (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d+)?(?: \d{4}(?= ))?|\b\d{9,}\.\d+/;

/** Reads a line of a mail log; undefined: Postfix did not write it, or its wrapping is unknown. */
export function readLogLine(text: string): LogLine | undefined {
  const start = text.charCodeAt(0);
  if (start === 0x7b || start === 0x1e) return fromJournal(start === 0x7b ? text : text.slice(1));
  const match = tagged.exec(text);
  if (match === null) return start === 0x3c ? fromRfc5424(text) : undefined;
  const [whole, name = '', program = '', pid = ''] = match;
  if (!programs.has(program)) return undefined;
  const before = text.slice(0, match.index);
  const when = time.exec(before);
  const rest = when === null ? '' : before.slice(when.index + when[0].length);
  return {
    time: when?.[0] ?? '',
    host: /^(?: [A-Z]{3,4})? (\S+)/.exec(rest)?.[1] ?? '',
    name,
    pid: Number(pid),
    message: text.slice(match.index + whole.length),
  };
}

function fromRfc5424(text: string): LogLine | undefined {
  const match = rfc5424.exec(text);
  if (match === null) return undefined;
  const [, when = '', host = '', name = '', program = '', pid = '', message = ''] = match;
  if (!programs.has(program)) return undefined;
  return {
    time: when === '-' ? '' : when,
    host: host === '-' ? '' : host,
    name,
    pid: pid === '-' ? undefined : Number(pid),
    message,
  };
}

/** One entry of `journalctl -o json`: an object a line. */
function fromJournal(text: string): LogLine | undefined {
  // Most entries of a journal are not Postfix's, and decoding them would be most of the work.
  if (!text.includes('/')) return undefined;
  let entry: Readonly<Record<string, unknown>>;
  try {
    entry = JSON.parse(text);
  } catch {
    return undefined;
  }
  const name = wordOf(entry.SYSLOG_IDENTIFIER);
  const program = name.slice(name.lastIndexOf('/') + 1);
  if (!name.includes('/') || !programs.has(program)) return undefined;
  const pid = Number(wordOf(entry.SYSLOG_PID) || wordOf(entry._PID));
  const stamp = Number(wordOf(entry.__REALTIME_TIMESTAMP) || wordOf(entry._SOURCE_REALTIME_TIMESTAMP));
  return {
    time: Number.isFinite(stamp) && stamp > 0 && stamp < 8e18 ? isoTime(stamp) : '',
    host: wordOf(entry._HOSTNAME),
    name,
    pid: Number.isFinite(pid) && pid > 0 ? pid : undefined,
    message: messageOf(entry.MESSAGE),
  };
}

/** Microseconds since 1970, as RFC 3339 has them. */
function isoTime(microseconds: number): string {
  const time = new Date(microseconds / 1000);
  return Number.isNaN(time.getTime()) ? '' : time.toISOString();
}

function wordOf(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

/** The journal gives a message that is not UTF-8 as a list of bytes. */
function messageOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return '';
  return String.fromCharCode(...value.filter((byte): byte is number => typeof byte === 'number'));
}
