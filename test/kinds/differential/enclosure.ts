import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';

/** Where everything of a worker lies that both sides of the chroot see. */
export const ground = '/mnt/lab';
/** The configuration of the processes that every configuration shares. */
export const neutral = `${ground}/neutral`;

/** What a Postfix that is played to needs, for needs(); random servers have tables of every type. */
export const playedNeeds = [
  ...['root', 'netns', 'unshare', 'postfix', 'postmap', 'perl', 'ip', 'mount'],
  ...['postfix-pcre', 'postfix-lmdb', 'postfix-cdb'],
] as const;

/**
 * Makes the namespaces of this process into a host of their own for one Postfix: every address is local, names come
 * from the name server in this process, and Postfix's folders are empty and its own. `root` is the folder that holds
 * the system with that Postfix; empty for this machine's. Nothing of it outlives the process.
 */
export function enclose(root: string): void {
  script(`
ip link set lo up
ip route add local default dev lo
ip -6 route add local default dev lo
echo 1 > /proc/sys/net/ipv6/ip_nonlocal_bind
mount --make-rprivate /
mount -t tmpfs -o mode=755 lab /mnt
mkdir -p ${ground}/etc ${ground}/spool ${ground}/lib ${ground}/dev ${neutral}/etc ${neutral}/spool ${neutral}/lib
cp -a ${root}/etc/postfix/dynamicmaps.cf* ${ground}/etc/ 2>/dev/null || true
for device in null zero full random urandom; do
  touch ${ground}/dev/$device
  mount --bind /dev/$device ${ground}/dev/$device
done
`);
  writeFileSync(`${ground}/resolv.conf`, 'nameserver 127.0.0.1\nsearch .\noptions attempts:1 timeout:2\n');
  writeFileSync(`${ground}/hosts`, '# names come from the DNS alone\n');
  writeFileSync(`${ground}/nsswitch.conf`, 'passwd: files\ngroup: files\nhosts: files dns\nservices: files\n');
  if (root !== '') mkdirSync(`${root}${ground}`, { recursive: true });
  script(`
if [ -n '${root}' ]; then mount --rbind ${ground} ${root}${ground}; fi
mount --bind ${ground}/etc ${root}/etc/postfix
mkdir -p ${root}/var/spool/postfix ${root}/var/lib/postfix
mount --bind ${ground}/spool ${root}/var/spool/postfix
mount --bind ${ground}/lib ${root}/var/lib/postfix
for file in resolv.conf hosts nsswitch.conf; do
  [ -e ${root}/etc/$file ] || touch ${root}/etc/$file
  mount --bind ${ground}/$file ${root}/etc/$file
done
mount --rbind ${ground}/dev ${root}/dev
`);
  // The postfix user has another number in another system.
  script(
    `
chown postfix ${ground}/lib ${neutral}/lib
for spool in ${ground}/spool ${neutral}/spool; do
  cd $spool
  mkdir -p incoming active deferred corrupt defer bounce hold maildrop trace flush pid saved private public
  chown postfix incoming active deferred defer bounce hold private public
done
ln -s ${neutral}/spool/public/cleanup ${ground}/spool/public/cleanup
ln -s ${neutral}/spool/private/tlsmgr ${ground}/spool/private/tlsmgr
`,
    root,
  );
}

/** Runs a shell script to its end, in the system at `root`. */
export function script(text: string, root = ''): string {
  const [program, ...args] = root === '' ? ['sh', '-eu'] : ['chroot', root, 'sh', '-eu'];
  const ran = spawnSync(program ?? 'sh', args, { input: text, encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(`a script ended with ${ran.status}\n${text}\n${ran.stdout}${ran.stderr}`);
  return ran.stdout;
}
