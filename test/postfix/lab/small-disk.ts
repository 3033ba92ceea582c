import type { Machine } from './machine.ts';

/** Bytes of a block of a tmpfs. */
const page = 4096;
const filler = 'filler';

/** Puts a directory of a machine, with what is in it, on a file system of its own of 4 MiB. */
export async function putOnSmallDisk(machine: Machine, folder: string): Promise<void> {
  await machine.script(`
    mkdir -p ${folder} /mnt/moved; cp -a ${folder}/. /mnt/moved
    mount -t tmpfs -o size=4m,mode=755 small ${folder}; cp -a /mnt/moved/. ${folder}; rm -rf /mnt/moved`);
}

/** Leaves so many pages free there. */
export async function leaveFree(machine: Machine, folder: string, pages: number): Promise<void> {
  await machine.script(`
    rm -f ${folder}/${filler}; free=$(stat -f -c %f ${folder})
    head -c $(((free - ${pages}) * ${page})) /dev/zero >${folder}/${filler}
    [ "$(stat -f -c %f ${folder})" = ${pages} ]`);
}

/** A snapshot without what takes the room. */
export function withoutFiller(snapshot: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(snapshot).filter(([name]) => name.split('/').pop() !== filler));
}
