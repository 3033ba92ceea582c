import { shellWord } from '../lib/text.ts';
/** What units and cron lines name; every path is absolute. */
export interface TimerView {
  /** The command line that makes the same text again. */
  readonly command: string;
  /** Program and script that run certrelay, one word each. */
  readonly program: readonly string[];
  /** The state's folder. */
  readonly out: string;
  /** Absent: root. */
  readonly user?: string;
  /** File whose first line is the passphrase of the authority's key. */
  readonly passphraseFile?: string;
  readonly deployHook?: string;
  /** As systemd.time(7) writes it. */
  readonly calendar: string;
}

export const unitName = 'certrelay-rotate';

const madeBy = '# Made by:';

/** Whether a text is an earlier unit or line for cron of certrelay's. */
export function isUnitText(text: string): boolean {
  return text.startsWith(`${madeBy} certrelay timer`);
}

/** A word for ExecStart= (systemd.service(5), command lines): quoted, with nothing left to expand. */
function word(text: string): string {
  const plain = text.replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[A-Za-z0-9_@:,./=+%$-]+$/.test(plain) ? plain : `"${plain.replace(/["\\]/g, '\\$&')}"`;
}

/** A value that is one path. */
function pathValue(text: string): string {
  return text.replaceAll('%', '%%');
}

/** A service that does what is due once, and may change nothing but the folder with the state (systemd.exec(5)). */
export function serviceUnit(view: TimerView): string {
  const { command, program, out, user, passphraseFile, deployHook } = view;
  const words = [...program, 'rotate', '--due', '--yes', '--wait', '--out', out];
  const hook = deployHook === undefined ? [] : ['--deploy-hook', deployHook];
  const paths = [...program, out];
  const below = (...folders: readonly string[]) =>
    paths.some((path) => folders.some((folder) => path === folder || path.startsWith(`${folder}/`)));
  const needsHome = deployHook !== undefined || below('/home', '/root', '/run/user');
  return lines(
    `${madeBy} ${command}`,
    '[Unit]',
    'Description=certrelay: renew the certificates that are due, and go on with rotations',
    'Documentation=man:systemd.exec(5)',
    ...(deployHook === undefined ? [] : ['Wants=network-online.target', 'After=network-online.target']),
    '',
    '[Service]',
    'Type=oneshot',
    ...(user === undefined ? [] : [`User=${user}`]),
    `ExecStart=${[...words, ...hook].map(word).join(' ')}`,
    ...(passphraseFile === undefined
      ? []
      : [
          "# The passphrase of the authority's key reaches this service alone. To keep it encrypted on the disk too,",
          '# "systemd-creds encrypt --name=ca-passphrase FILE FILE.cred" and LoadCredentialEncrypted= in its place.',
          `LoadCredential=ca-passphrase:${pathValue(passphraseFile)}`,
        ]),
    '',
    '# All that it may change is the state. What it reads is not kept from it.',
    'ProtectSystem=strict',
    `ReadWritePaths=${word(out)}`,
    ...(needsHome ? ['# Something that it needs lies in a home.', 'ProtectHome=read-only'] : ['ProtectHome=yes']),
    ...(below('/tmp', '/var/tmp') ? [] : ['PrivateTmp=yes']),
    ...hardening,
    ...(deployHook === undefined
      ? ['# Nothing leaves this machine.', 'PrivateNetwork=yes', 'RestrictAddressFamilies=AF_UNIX']
      : ['# The hook copies files to hosts.', 'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6']),
  );
}

const hardening = [
  'NoNewPrivileges=yes',
  'CapabilityBoundingSet=',
  'AmbientCapabilities=',
  'UMask=0077',
  'PrivateDevices=yes',
  'ProtectKernelTunables=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelLogs=yes',
  'ProtectControlGroups=yes',
  'ProtectClock=yes',
  'ProtectHostname=yes',
  'ProtectProc=invisible',
  'RestrictNamespaces=yes',
  'RestrictRealtime=yes',
  'RestrictSUIDSGID=yes',
  'RemoveIPC=yes',
  'LockPersonality=yes',
  'SystemCallArchitectures=native',
  'SystemCallFilter=@system-service',
  'SystemCallErrorNumber=EPERM',
  '# Not MemoryDenyWriteExecute=: Node compiles what it runs.',
] as const;

/** When the service runs. */
export function timerUnit({ command, calendar }: TimerView): string {
  return lines(
    `${madeBy} ${command}`,
    '[Unit]',
    'Description=certrelay: look for certificates that are due',
    '',
    '[Timer]',
    `OnCalendar=${calendar}`,
    '# A machine that was off looks when it is on again, and not every machine of a network at the same moment.',
    'Persistent=true',
    'RandomizedDelaySec=1h',
    '',
    '[Install]',
    'WantedBy=timers.target',
  );
}

/** The same as a file for /etc/cron.d (crontab(5)): every day, at a minute that differs from folder to folder. */
export function cronFile({ command, program, out, user = 'root', passphraseFile, deployHook }: TimerView): string {
  const words = [
    ...[...program, 'rotate', '--due', '--yes', '--wait', '--quiet', '--out', out],
    ...(passphraseFile === undefined ? [] : ['--passphrase-file', passphraseFile]),
    ...(deployHook === undefined ? [] : ['--deploy-hook', deployHook]),
  ];
  const minute = [...out].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % 60;
  // An unquoted % ends the command in a crontab, and quoting for sh(1) does not hide it.
  const line = words.map(shellWord).join(' ').replaceAll('%', '\\%');
  return lines(`${madeBy} ${command}`, `${minute} 4 * * * ${user} ${line}`);
}

function lines(...text: readonly string[]): string {
  return `${text.join('\n')}\n`;
}
