import { explore } from '../../../../src/policy/explore/explore.ts';
import type { Lines } from '../../../../src/policy/explore/lines/lines.ts';
import { lineIndex } from '../../../../src/policy/explore/lines/lines.ts';
import { holds } from '../../../../src/policy/explore/region.ts';
import type { Outcome, Path } from '../../../../src/policy/explore/result.ts';
import { readConfig } from '../../../../src/policy/postfix/read-config.ts';
import { fingerprintDigest } from '../../../../src/policy/smtpd/questions/digest-names.ts';
import { compile } from '../../../../src/policy/smtpd/start/compile.ts';
import { type CertificatePool, makeCertificates, withFingerprints } from '../../../kinds/differential/certificates.ts';
import { enclose, ground } from '../../../kinds/differential/enclosure.ts';
import { generated } from '../../../kinds/differential/generate/generate.ts';
import { NameServer } from '../../../kinds/differential/name-server.ts';
import { type Played, Postfix } from '../../../kinds/differential/real-server.ts';
import { mainCfText, masterCfText, type ScenarioSession } from '../../../kinds/differential/scenario.ts';
import { SystemLog } from '../../../kinds/differential/system-log.ts';

interface Task {
  readonly root: string;
  readonly seed: number;
  /** So many servers are tried that start, ask nobody outside, and have a path to play. */
  readonly servers: number;
  /** Of each, so many witnesses are played. */
  readonly witnesses: number;
  readonly seconds: number;
  /** 1: of paths to other sites, all that are let in; 0: paths of all kinds. */
  readonly ways?: number;
}

/** A client's certificate that lies in the regions of a path, for the real server will check it; undefined: there is none. */
function certificateFor(path: Path, lines: Lines, digest: string, { clients }: CertificatePool) {
  return clients.find(({ trusted, fingerprint, publicKeyFingerprint }) => {
    const shown = lines.certificate.locate({ trusted, fingerprint: fingerprint[digest] ?? '' });
    const key = lines['public key'].locate(publicKeyFingerprint[digest] ?? '');
    return (
      holds(path.regions[lineIndex.certificate] ?? [], shown) && holds(path.regions[lineIndex['public key']] ?? [], key)
    );
  });
}

/** The witness as a client of the laboratory plays it. */
function sessionOf(path: Path, certificate: ReturnType<typeof certificateFor>): ScenarioSession | undefined {
  const { session } = path.witness;
  const shows = session.tls?.certificate !== undefined && session.tls?.certificate !== null;
  if (shows && certificate === undefined) return undefined;
  const { certificatePem: _, keyPem: __, ...shown } = certificate ?? { certificatePem: '', keyPem: '' };
  return {
    ...session,
    protocol: 'ESMTP',
    // With a server that has no certificate there is no TLS 1.3.
    tls: session.tls === null ? null : { protocol: 'TLSv1.2', certificate: shows ? (shown as never) : null },
  };
}

/** The client's name leads to his address and back, or does not, as the session has it. */
function namesOf({ client: { address, name, reverseName } }: ScenarioSession) {
  if (reverseName === 'unknown') return {};
  if (name === 'unknown') return { [`${reverseName}/A`]: ['192.0.2.99'], [`${reverseName}/AAAA`]: [] };
  const [here, there] = address.includes(':') ? ['AAAA', 'A'] : ['A', 'AAAA'];
  return { [`${name}/${here}`]: [address], [`${name}/${there}`]: [] };
}

function lets({ outcomes: [outcome] }: Path): boolean {
  return outcome?.verdict === 'permit' || outcome?.verdict === 'discard';
}

function fits({ replies, fatal }: Played, { verdict, stage, code, enhanced }: Outcome): boolean {
  if (verdict === 'fatal' || fatal) return verdict === 'fatal' && fatal;
  if (code === 0) return !replies.some((reply) => reply.stage === 'rcpt' && reply.code < 400);
  return replies.some(
    (reply) => reply.stage === stage && reply.code === code && (code < 400 || reply.enhanced === enhanced),
  );
}

async function main({ root, seed, servers, witnesses, seconds, ways = 0 }: Task): Promise<void> {
  enclose(root);
  const pool = await makeCertificates(new Date());
  const postfix = await Postfix.start(root, pool, await SystemLog.start(`${ground}/dev/log`), await NameServer.start());
  const counts = {
    version: postfix.version,
    servers: 0,
    fits: 0,
    differs: 0,
    noCertificate: 0,
    noLogin: 0,
    silent: 0,
    supposing: 0,
  };
  const end = Date.now() + seconds * 1000;
  for (let index = 0; counts.servers < servers && Date.now() < end; index++) {
    const { configuration } = generated(seed, index, 0, (text) => withFingerprints(text, pool), pool);
    const config = readConfig({
      version: postfix.version,
      mainCf: mainCfText(configuration),
      masterCf: masterCfText(configuration),
      service: 'smtp',
      tables: configuration.tables,
    });
    const program = compile(config);
    if (program.parts?.settings.writer.idle !== true) continue;
    const recipients = ways === 1 ? 'remote' : 'any';
    const { paths: all, lines, untold } = explore([program], { recipients, limit: 5_000 });
    const paths = ways === 1 ? all.filter(lets) : all;
    const certain = paths.filter(({ assumptions }) => assumptions.length === 0);
    counts.supposing += paths.length - certain.length;
    if (untold.length > 0 || certain.length === 0) continue;
    counts.servers++;
    await postfix.configure(configuration);
    const step = Math.ceil(certain.length / witnesses);
    for (const path of certain.filter((_, i) => i % step === 0)) {
      const session = sessionOf(path, certificateFor(path, lines, fingerprintDigest(config), pool));
      if (session === undefined) {
        counts.noCertificate++;
        continue;
      }
      const [expected] = path.outcomes;
      let played = await postfix.play(session, { dns: namesOf(session) });
      if (expected !== undefined && !fits(played, expected)) {
        // Once more and alone: a busy machine is no disagreement.
        await postfix.configure(configuration);
        played = await postfix.play(session, { dns: namesOf(session) });
      }
      if (played.silent !== undefined || expected === undefined) counts.silent++;
      else if (session.sasl !== null && !played.authenticated) counts.noLogin++;
      else if (fits(played, expected)) counts.fits++;
      else {
        counts.differs++;
        const { replies } = played;
        process.stdout.write(`${JSON.stringify({ event: 'finding', seed, index, session, expected, replies })}\n`);
      }
    }
  }
  process.stdout.write(`${JSON.stringify({ event: 'tally', ...counts })}\n`);
  await postfix.stop();
  process.exit(0);
}

await main(JSON.parse(process.argv[2] ?? '{}') as Task);
