import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { OneHost } from '../../provision/render/install/one-host.ts';
import { ownServiceView, serverView } from '../../provision/render/install/sample.ts';

const missing = needs('root', 'netns', 'debian-postfix', 'postfix', 'openssl');

/** What Postfix 2.10 cannot: postconf edits no master.cf, prints no options of its entries, and takes nothing out with -X. */
const old = `case "$*" in
  "-d -h mail_version") echo 2.10.1 ;;
  *-P* | *-MX* | *-X* | *"-M "*=*) echo "postconf: fatal: usage" >&2; exit 1 ;;
  *) real "$@" ;;
esac`;

/** The folder as it is rendered for that release. */
const versions = { from: '2.10', to: '3.0', last: '2.11', text: '2.10 to 2.11' };

describe.skipIf(missing)('a service of its own where postconf cannot edit master.cf', () => {
  let host: OneHost;
  let pristine: Readonly<Record<string, string>>;

  const ofHost = (file: string) => readFileSync(host.machine.path(file), 'utf8');
  const masterCf = () => ofHost('/etc/postfix/master.cf');
  const entries = () => masterCf().match(/^2[56][^\n]*/gm) ?? [];
  const install = async (view: ReturnType<typeof serverView>, ...args: readonly string[]) => {
    host.kit.render({ ...view, versions });
    return host.kit.run(...args);
  };
  const undo = async () => {
    const { status, stderr } = await host.kit.run('--undo');
    expect([status, stderr]).toEqual([0, '']);
  };

  beforeAll(async () => {
    host = await OneHost.start(ownServiceView('2525'));
  });

  beforeEach(async () => {
    await host.prepare('');
    pristine = host.kit.snapshot();
    host.kit.standIn('postconf', old);
  });

  afterAll(() => host?.stop());

  it('is one line at the end of master.cf, which Postfix reads', async () => {
    const { status, stdout, stderr } = await install(ownServiceView('2525'));
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('  master.cf  2525 inet n - n - - smtpd -o syslog_name=postfix/certrelay ');
    expect(entries()).toEqual([ownServiceView('2525').services[0]?.line]);
    expect((await install(ownServiceView('2525'))).stdout).toMatch(/^nothing changed/);
    await undo();
    expect(host.kit.snapshot()).toEqual(pristine);
  });

  it('is changed, moved and taken out, and comes back step by step', async () => {
    const views = [ownServiceView('2525'), ownServiceView('2525', 'sha512'), ownServiceView('2626'), serverView()];
    const seen: Readonly<Record<string, string>>[] = [];
    for (const view of views) {
      seen.push(host.kit.snapshot());
      const { status, stderr } = await install(view);
      expect([status, stderr]).toEqual([0, '']);
      expect(entries()).toEqual(view.services.map(({ line }) => line));
    }
    for (const before of seen.reverse()) {
      await undo();
      expect(host.kit.snapshot()['master.cf']).toEqual(before['master.cf']);
    }
    expect(host.kit.snapshot()).toEqual(pristine);
  });

  it('goes, and what the postmaster wrote since stays', async () => {
    await install(ownServiceView('2525'));
    await host.machine.script("printf '# mine' >>/etc/postfix/master.cf");
    await install(ownServiceView('2626'));
    expect(masterCf()).toMatch(/\n# mine\n2626 inet /);
    await host.machine.script("printf '# more\\n' >>/etc/postfix/master.cf");
    await undo();
    expect(masterCf()).toMatch(/\n# mine\n# more\n2525 inet [^\n]*\n$/);
    await undo();
    expect(masterCf()).toMatch(/\n# mine\n# more\n$/);
  });

  it('is not touched where its postmaster folded the line, and everything is put back', async () => {
    await install(ownServiceView('2525'));
    await host.machine.script("sed -i 's/^\\(2525 .*smtpd\\) -o/\\1\\n  -o/' /etc/postfix/master.cf");
    const before = host.kit.snapshot();
    expect((await install(ownServiceView('2525'))).stdout).toMatch(/^nothing changed/);
    const { status, stderr } = await install(ownServiceView('2626'));
    expect([status, stderr]).toEqual([1, expect.stringContaining('an entry of master.cf is no longer on one line')]);
    expect(stderr).toContain('everything was put back as it was before\n');
    expect(host.kit.snapshot()).toEqual(before);
  });

  it('is refused where the port is taken', async () => {
    await host.machine.script("echo '2525 inet n - y - - smtpd' >>/etc/postfix/master.cf");
    const { status, stderr } = await install(ownServiceView('2525'));
    expect([status, stderr]).toEqual([
      3,
      expect.stringContaining('an entry "2525/inet" that certrelay did not make so'),
    ]);
  });
});
