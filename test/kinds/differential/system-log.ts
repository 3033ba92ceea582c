import { type ChildProcess, spawn } from 'node:child_process';

// Node has no datagram sockets of the local kind, and every Debian has perl.
const receiver = `
use Socket;
my ($path) = @ARGV;
socket(my $log, AF_UNIX, SOCK_DGRAM, 0) or die $!;
bind($log, sockaddr_un($path)) or die $!;
chmod 0666, $path;
$| = 1;
print "ready\\n";
while (defined recv($log, my $line, 65536, 0)) { $line =~ s/[\\n\\0]/ /g; print "$line\\n"; }
`;

/** What Postfix logs, by syslog(3), as far as it is wanted: it explains a disagreement, and is no part of one. */
export class SystemLog {
  readonly #process: ChildProcess;
  #lines: string[] = [];
  /** Sees each line when it comes. */
  heard: (line: string) => void = () => {};

  private constructor(child: ChildProcess) {
    this.#process = child;
  }

  static async start(path: string): Promise<SystemLog> {
    const child = spawn('perl', ['-e', receiver, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const log = new SystemLog(child);
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`the system log ended with ${code}`)));
      let rest = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        const lines = `${rest}${text}`.split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          if (line === 'ready') resolve();
          else log.#hear(line.replace(/^<\d+>\w+ +\d+ [\d:]+ postfix\//, ''));
        }
      });
    });
    return log;
  }

  #hear(line: string): void {
    this.#lines.push(line);
    this.heard(line);
  }

  /** The lines since the last call. */
  take(): readonly string[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }

  stop(): void {
    this.#process.kill();
  }
}
