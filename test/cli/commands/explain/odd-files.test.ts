import { describe, expect, it } from 'vitest';
import { workbench } from './workbench.ts';

const server = `compatibility_level = 3.6
mydestination = localhost
myhostname = mx.example.com
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
`;
const refused =
  'Nov 30 21:40:39 mx postfix/smtpd[7]: NOQUEUE: reject: RCPT from c.example.com[192.0.2.1]: 550 5.1.1 <u@example.org>: Recipient address rejected: User unknown in virtual mailbox table; from=<a@c.example.com> to=<u@example.org> proto=ESMTP helo=<c.example.com>\n';

describe('a file behind the domains of a server', () => {
  it.each(['/etc/postfix/vdomains', 'texthash:/etc/postfix/vdomains'])(
    'is named where it was not given: %s',
    async (spec) => {
      const mainCf = `${server}virtual_mailbox_domains = ${spec}\n`;
      const bench = workbench({ 'main.cf': mainCf, 'mail.log': refused, given: 'example.org yes\n' });
      const { out } = await bench.explain(['main.cf', 'mail.log'], { postfix: '3.7' });
      const named = 'to do: give /etc/postfix/vdomains, which virtual_mailbox_domains names and was not given';
      expect(out).toContain(named);
      const table = ['/etc/postfix/vdomains=given'];
      const given = await bench.explain(['main.cf', 'mail.log'], { postfix: '3.7', table });
      expect(given.err).toBe('');
      expect(given.out).not.toContain('to do: give /etc/postfix/vdomains');
      expect(given.out).not.toContain('Temporary lookup failure');
    },
  );
});

describe('--main-cf', () => {
  const client = 'relayhost = [mx.example.com]:25\nsmtp_tls_security_level = may\n';

  it("is taken for a client's where it sets nothing of a server", async () => {
    const bench = workbench({ 'client.postconf': client });
    const { out } = await bench.explain([], { mainCf: 'client.postconf' });
    expect(out).toContain("it is taken for the client's");
    expect(out).not.toContain('smtpd_relay_restrictions');
  });

  it('is a server where it says so, or a session is described', async () => {
    const bench = workbench({ 'main.cf': `${client}${server}`, 'client.postconf': client });
    expect((await bench.explain([], { mainCf: 'main.cf' })).out).not.toContain('it is taken for');
    const session = { clientAddress: '192.0.2.1', from: 'a@example.com', to: ['b@example.org'] };
    expect((await bench.explain([], { mainCf: 'client.postconf', ...session })).out).not.toContain('it is taken for');
  });

  it.each(['', '\n  \n'])('is not an empty file: %j', async (text) => {
    const { code, err } = await workbench({ 'main.cf': text }).explain([], { mainCf: 'main.cf' });
    expect([code, err.split('\n')[0]]).toEqual([2, 'certrelay: "main.cf" is empty']);
  });
});

describe('a master.cf without an SMTP server', () => {
  it.each([
    ['', '"master.cf" runs no SMTP server', 'holds no service at all'],
    ['pickup unix n - y 60 1 pickup\n', '"master.cf" runs no SMTP server', 'add a line that runs smtpd'],
    ['smtp inet n - y - 1 postscreen\n', '"master.cf" runs postscreen, but no smtpd', 'add a line that runs smtpd'],
  ])('is no riddle about a service named smtp: %j', async (text, message, hint) => {
    const bench = workbench({ 'main.cf': server, 'master.cf': text });
    const { code, err } = await bench.explain([], { mainCf: 'main.cf', masterCf: 'master.cf' });
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(err).toContain(hint);
  });
});
