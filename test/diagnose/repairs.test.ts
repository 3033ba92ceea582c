import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { setTo } from '../../src/diagnose/configuration/edit.ts';
import type { Evidence } from '../../src/diagnose/evidence/evidence.ts';
import { diagnose } from '../../src/diagnose/findings/diagnose.ts';
import type { Finding } from '../../src/diagnose/findings/finding.ts';
import { isOffered } from '../../src/diagnose/repair/repair.ts';
import { repairs } from '../../src/diagnose/repair/repairs.ts';
import { type CertificatePool, makeCertificates } from '../kinds/differential/certificates.ts';
import { credentialsOf } from './credentials.ts';
import { evidenceOf } from './evidence-of.ts';
import { fixtures, type Part } from './fixture.ts';
import { namedFingerprints } from './named-fingerprints.ts';

const now = new Date();
let pool: CertificatePool;

beforeAll(async () => {
  pool = await makeCertificates(now);
});

function read(part: Part): Promise<Evidence> {
  return evidenceOf(
    part,
    (text) => namedFingerprints(text, pool),
    (lines) => credentialsOf(lines, pool, now, (bytes) => randomBytes(bytes)),
    now,
  );
}

const seed = (name: string) => readFileSync(new URL(`../fixtures/seed/${name}`, import.meta.url), 'utf8');

/** The configuration of the case, as `postconf -n` printed it. */
function seedPart(more = ''): Part {
  const [first] = fixtures();
  if (first === undefined) throw new Error('there are no fixtures');
  return {
    ...first.parts.repaired,
    postfix: '2.10.1',
    mainCf: `= whole\n${seed('server.postconf')}${more}`,
    tables: { '/etc/postfix/relay_clientcerts': seed('relay_clientcerts') },
  };
}

describe('the case: a relay list that is not set', () => {
  it('has two ways out, and the one that keeps the relay list is the better one', async () => {
    const evidence = await read(seedPart());
    const found = diagnose(evidence);
    expect(found[0]?.id).toBe('relay-list-default');
    const both = repairs(evidence, found);
    expect(both.map(({ commands, preferred }) => [commands, preferred])).toEqual([
      [
        [
          "postconf -e 'smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, permit_tls_clientcerts, defer_unauth_destination'",
        ],
        true,
      ],
      [["postconf -e 'smtpd_relay_restrictions ='"], false],
    ]);
    for (const { sessions, letsIn, shutsOut, how, diff } of both) {
      expect(sessions.map(({ before, after }) => [before, after])).toEqual([
        ['454 4.7.1 <someone@outside.example>: Relay access denied', '250 2.1.5'],
      ]);
      expect([letsIn, shutsOut]).toEqual([[], []]);
      expect(how).toMatch(/^all \d+ ways through both configurations followed, and \d+ sessions of others played/);
      expect(diff).toMatch(/^--- main\.cf\n\+\+\+ main\.cf\n@@ .* @@\n/);
      expect(diff.split('\n').filter((line) => /^[-+](?![-+])/.test(line))).toHaveLength(1);
    }
  });

  it('is repaired in two places where two things are wrong', async () => {
    const evidence = await read(seedPart('smtpd_sender_restrictions = permit_mynetworks, reject\n'));
    const [best] = repairs(evidence, diagnose(evidence));
    expect(best?.edits.map((edit) => (edit.kind === 'parameter' ? edit.name : edit.path)).sort()).toEqual([
      'smtpd_relay_restrictions',
      'smtpd_sender_restrictions',
    ]);
    expect(best?.sessions.map(({ after }) => after)).toEqual(['250 2.1.5']);
  });

  it.each(['hash', 'cidr', 'pcre', 'texthash'])(
    'is not repaired by making a %s table count that was not given',
    async (type) => {
      const spec = `${type}:/etc/postfix/not-given`;
      const list = `check_client_access ${spec}, permit_tls_clientcerts, reject_unauth_destination`;
      const evidence = await read(seedPart(`smtpd_recipient_restrictions = ${list}\n`));
      const [offered, other, ...more] = repairs(evidence, diagnose(evidence));
      expect(offered?.title).toBe('permit_tls_clientcerts into smtpd_relay_restrictions');
      expect(offered?.letsIn).toEqual([]);
      expect(other?.title).toBe('empty smtpd_relay_restrictions');
      expect(other?.letsIn.map(({ who }) => who)).toEqual([`whomever ${spec} lists, which was not given`]);
      expect(more).toEqual([]);
    },
  );

  it('is never repaired by opening the server', async () => {
    const evidence = await read(seedPart());
    const [first] = diagnose(evidence);
    if (first === undefined) throw new Error('nothing is found');
    const careless: Finding = {
      ...first,
      edits: [
        [setTo('smtpd_relay_restrictions', 'permit')],
        [
          setTo('mynetworks', '0.0.0.0/0'),
          setTo('smtpd_recipient_restrictions', 'permit_mynetworks, reject_unauth_destination'),
        ],
        ...(first.edits ?? []),
      ],
    };
    // The relay list alone is not enough to open it: the recipient list still refuses strangers.
    const [kept, emptied, ...others] = repairs(evidence, [careless]);
    expect([kept, emptied].every((each) => each !== undefined && isOffered(each))).toBe(true);
    const open = others.filter((each) => !isOffered(each));
    expect(open).toHaveLength(1);
    expect(open[0]?.letsIn[0]?.who).toMatch(/^anyone/);
    expect(open[0]?.preferred).toBe(false);
  });
});

const opened = fixtures().filter(
  ({ id, session }) => session === 'good' && id !== 'server-certificate-missing' && id !== 'map-not-set',
);

describe('fixtures whose client is refused', () => {
  it('are enough', () => {
    expect(opened.length).toBeGreaterThan(12);
  });

  it.each(opened)('$id: a repair lets it in, and nobody else', async ({ id, parts }) => {
    const evidence = await read(parts.has);
    const found = repairs(evidence, diagnose(evidence)).filter(isOffered);
    const [best] = found;
    expect(best?.finding, JSON.stringify(found.map(({ title }) => title))).toBe(id);
    expect(best?.sessions.every(({ before, after }) => !before.startsWith('250') && after === '250 2.1.5')).toBe(true);
    expect(best?.letsIn).toEqual([]);
  });
});

describe('a service with lists of its own', () => {
  it('is repaired in master.cf', async () => {
    const fixture = fixtures().find(({ id }) => id === 'override-hides-main-cf');
    if (fixture === undefined) throw new Error('the fixture is gone');
    const evidence = await read(fixture.parts.has);
    const [repair] = repairs(evidence, diagnose(evidence));
    expect(repair?.commands).toEqual([
      "postconf -P 'submission/inet/smtpd_relay_restrictions=permit_sasl_authenticated,permit_tls_clientcerts,reject'",
    ]);
    expect(repair?.diff).toContain(
      '+    -o smtpd_relay_restrictions=permit_sasl_authenticated,permit_tls_clientcerts,reject',
    );
  });
});

describe('an open relay', () => {
  it('is offered a list that closes it', async () => {
    const fixture = fixtures().find(({ id }) => id === 'open-relay');
    if (fixture === undefined) throw new Error('the fixture is gone');
    const evidence = await read(fixture.parts.has);
    const [repair] = repairs(evidence, diagnose(evidence));
    expect(repair?.finding).toBe('open-relay');
    expect(repair?.sessions[0]).toMatchObject({ before: '250 2.1.5', after: expect.stringMatching(/^454 /) });
    expect(repair?.letsIn).toEqual([]);
  });
});
