import { readFileSync, writeFileSync } from 'node:fs';
import type { Machine } from './machine.ts';
import { until } from './until.ts';

const log = '/var/log/mail.log';

/** How a test may bend the stock set-up before certrelay comes. */
export interface StockOptions {
  /** Debian runs the SMTP server and client in a chroot; `false` takes both out. */
  readonly chroot?: boolean;
  /** Domains that are local, beside the host's own name. */
  readonly destinations?: readonly string[];
  /** What the host's postmaster has set by himself. */
  readonly own?: Readonly<Record<string, string>>;
}

/** A Postfix as Debian installs it for an "Internet Site", with its snakeoil certificate, alone on a machine. */
export class DebianPostfix {
  readonly machine: Machine;

  private constructor(machine: Machine) {
    this.machine = machine;
  }

  /** `hosts` is the text of /etc/hosts, `nameServer` the address that answers for all other names. */
  static async install(
    machine: Machine,
    hosts: string,
    nameServer: string,
    options: StockOptions = {},
  ): Promise<DebianPostfix> {
    await machine.script(privateFolders);
    writeFileSync(machine.path('/etc/hosts'), hosts);
    writeFileSync(machine.path('/etc/hostname'), `${machine.name}\n`);
    writeFileSync(machine.path('/etc/mailname'), `${machine.name}\n`);
    writeFileSync(machine.path('/etc/resolv.conf'), `nameserver ${nameServer}\n`);
    writeFileSync(
      machine.path('/etc/nsswitch.conf'),
      'passwd: files\ngroup: files\nhosts: files dns\nservices: files\n',
    );
    writeFileSync(machine.path('/etc/aliases'), 'postmaster: root\n');
    await machine.script(snakeoil);
    const stock = ['main.cf.debian', 'main.cf.tls'].map((name) => readFileSync(`/usr/share/postfix/${name}`, 'utf8'));
    writeFileSync(machine.path('/etc/postfix/main.cf'), stock.join('\n'));
    writeFileSync(machine.path('/etc/postfix/master.cf'), readFileSync('/usr/share/postfix/master.cf.dist', 'utf8'));
    const postfix = new DebianPostfix(machine);
    await postfix.set({
      ...packageSettings(machine.name, options.destinations ?? []),
      // What a test needs to look on, and to find hosts by /etc/hosts.
      ...{ smtp_host_lookup: 'native', maillog_file: log },
      ...options.own,
    });
    await postfix.settle();
    if (options.chroot === false) await machine.must('postconf', '-F', 'smtp/inet/chroot=n', 'smtp/unix/chroot=n');
    await machine.must('newaliases');
    await postfix.settle();
    return postfix;
  }

  async set(parameters: Readonly<Record<string, string>>): Promise<void> {
    const [first, ...rest] = Object.entries(parameters).map(([name, value]) => `${name} = ${value}`);
    if (first !== undefined) await this.machine.must('postconf', '-e', first, ...rest);
  }

  /**
   * As if the last edit were a minute ago: Postfix's programs read a main.cf of the last two seconds again and again, to be sure
   * that nobody still writes it (dict_load_file_xact), and a test would wait for that.
   */
  async settle(): Promise<void> {
    await this.machine.must('touch', '-d', '1 minute ago', '/etc/postfix/main.cf', '/etc/postfix/master.cf');
  }

  /** As the package's service does: the chroot gets its copies of /etc first. */
  async start(): Promise<void> {
    await this.machine.must('/usr/lib/postfix/configure-instance.sh', '-');
    await this.machine.must('postfix', 'start');
  }

  async runs(): Promise<boolean> {
    return (await this.machine.run(['postfix', 'status'])).status === 0;
  }

  /** Everything it logged so far. */
  log(): string {
    try {
      return readFileSync(this.machine.path(log), 'utf8');
    } catch {
      return ''; // nothing was logged yet
    }
  }

  /** The first line of the log, after the given length, that matches. */
  async logged(pattern: RegExp, after = 0): Promise<string> {
    const find = () =>
      this.log()
        .slice(after)
        .split('\n')
        .find((line) => pattern.test(line));
    return until(`log line ${pattern} on ${this.machine.name}`, find, { describe: () => this.log() });
  }

  /** Hands a message to sendmail(1), as a program on this host would. */
  async send(from: string, to: string, subject: string): Promise<void> {
    const text = `From: ${from}\nTo: ${to}\nSubject: ${subject}\n\nA test.\n`;
    const sent = await this.machine.run(['sendmail', '-i', '-f', from, to], text);
    if (sent.status !== 0) throw new Error(`sendmail ended with ${sent.status}\n${sent.stderr}`);
  }

  /** Recipients that wait in the queue, with the reason where there is one. */
  async queue(): Promise<readonly { readonly to: string; readonly reason: string }[]> {
    const lines = (await this.machine.must('postqueue', '-j')).split('\n').filter(Boolean);
    return lines.flatMap((line) => {
      const message = JSON.parse(line) as { recipients: { address: string; delay_reason?: string }[] };
      return message.recipients.map(({ address, delay_reason }) => ({ to: address, reason: delay_reason ?? '' }));
    });
  }

  async queueEmpty(): Promise<void> {
    const find = async () => ((await this.queue()).length === 0 ? true : undefined);
    await until(`empty queue on ${this.machine.name}`, find, { describe: () => this.log() });
  }
}

/** Its own copies of the folders that Postfix and its postmaster write; a fresh queue; gone with the machine. */
const privateFolders = `
mount -t tmpfs -o mode=755 machine /mnt
mkdir /mnt/etc /mnt/spool /mnt/lib /mnt/log
cp -a /etc/. /mnt/etc
cp -a /var/lib/postfix/. /mnt/lib
mkdir -p /var/spool/postfix
mount --bind /mnt/etc /etc
mount --bind /mnt/lib /var/lib/postfix
mount --bind /mnt/log /var/log
mount --bind /mnt/spool /var/spool/postfix
rm -f /etc/postfix/*.db
rm -rf /etc/postfix/certrelay /etc/postfix/certrelay.backup
`;

/** The self-signed pair that Debian's ssl-cert makes, where Debian puts it. */
const snakeoil = `
mkdir -p /etc/ssl/certs /etc/ssl/private
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=$(hostname)" \\
  -keyout /etc/ssl/private/ssl-cert-snakeoil.key -out /etc/ssl/certs/ssl-cert-snakeoil.pem 2>/dev/null
chmod 0640 /etc/ssl/private/ssl-cert-snakeoil.key
`;

/** What the package's configuration step sets for an "Internet Site". */
function packageSettings(host: string, destinations: readonly string[]): Record<string, string> {
  return {
    smtpd_relay_restrictions: 'permit_mynetworks permit_sasl_authenticated defer_unauth_destination',
    myhostname: host,
    alias_maps: 'hash:/etc/aliases',
    alias_database: 'hash:/etc/aliases',
    myorigin: '/etc/mailname',
    mydestination: ['$myhostname', ...destinations, 'localhost.$mydomain', 'localhost'].join(', '),
    relayhost: '',
    mynetworks: '127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128',
    mailbox_size_limit: '0',
    recipient_delimiter: '+',
    inet_interfaces: 'all',
    inet_protocols: 'all',
  };
}
