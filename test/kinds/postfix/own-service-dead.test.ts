import { expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { OneHost } from '../../provision/render/install/one-host.ts';
import { ownServiceView } from '../../provision/render/install/sample.ts';

/** A program that takes the port when Postfix is about to, and goes by itself. */
const taker = `timeout 10 '${process.execPath}' -e 'require("net").createServer((each) => each.end()).listen(2525)' &`;

it.skipIf(needs('root', 'netns', 'debian-postfix', 'postfix', 'openssl', 'timeout'))(
  'a Postfix that dies of a port which somebody takes meanwhile runs again by its old settings',
  async () => {
    const host = await OneHost.start(ownServiceView('2525'));
    try {
      await host.postfix.start();
      const before = host.kit.snapshot();
      host.kit.standIn('postfix', `case "$*" in *reload*) ${taker} sleep 1 ;; esac\nreal "$@"`);
      const { status, stdout, stderr } = await host.kit.run();
      expect([status, stdout, stderr]).toEqual([
        1,
        '',
        expect.stringContaining('everything was put back as it was before\n'),
      ]);
      // What master(8) dies of comes into no log, for the program that writes it dies with it.
      expect(host.postfix.log()).toContain('fatal: the Postfix mail system is not running');
      expect(host.kit.snapshot()).toEqual(before);
      expect(await host.postfix.runs()).toBe(true);
      expect(await host.machine.must('postconf', '-M')).not.toContain('2525');
    } finally {
      await host.stop();
    }
  },
);
