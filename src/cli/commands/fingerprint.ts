import { resolve } from 'node:path';
import { looksLikePlace } from '../../hosts/probe/place.ts';
import { readBytes } from '../../lib/files/read.ts';
import { suggest } from '../../lib/nearest.ts';
import { CertrelayError, type ExitName, exitCodes, type Problem, usage } from '../../lib/problem.ts';
import { pins } from '../../provision/settings/types.ts';
import type { Fingerprinted } from '../../report/fingerprint.ts';
import { allFingerprints, shownDigests } from '../../x509/fingerprint.ts';
import type { Command, Io } from '../command.ts';

export const fingerprint: Command = {
  name: 'fingerprint',
  args: '<file...>',
  doc: 'Postfix-ready fingerprints of certificates and their public keys, in every digest; FILE may be HOST:PORT',
  examples: [
    ['certrelay fingerprint client.crt', 'everything about one certificate'],
    ['certrelay fingerprint --digest sha256 *.crt >>relay_clientcerts', 'lines for the map of a server'],
    ['certrelay fingerprint --digest sha1 --pin both client.crt', 'the certificate and its public key'],
    ['certrelay fingerprint relay.example.com:25', 'of a running server, over STARTTLS (or TLS at once on port 465)'],
  ],
  options: [
    {
      flags: '--digest <name>',
      doc: 'print lines for relay_clientcerts in this digest and nothing else (md5 for inspection only)',
      choices: shownDigests,
    },
    {
      flags: '--pin <what>',
      doc: 'with --digest: what to print the fingerprint of',
      choices: pins,
      fallback: 'certificate',
    },
  ],
  async run(files, options, io) {
    const report = await import('../../report/fingerprint.ts');
    const digest = choice('--digest', options.digest, shownDigests);
    const pin = choice('--pin', options.pin, pins);
    const { found, notes, problems, exit } = await readAll(files, io);
    if (digest !== undefined && found.some(({ certificate }) => certificate[digest] === undefined))
      throw new CertrelayError('failure', {
        code: 'digest-missing',
        message: `the OpenSSL of this machine has no "${digest}"`,
        hint: 'it runs in FIPS mode; Postfix would not have it either',
      });

    if (options.json === true) {
      const document = {
        schema: 'certrelay/fingerprint@1',
        certificates: report.fingerprintJson(found),
        ...(notes.length === 0 ? {} : { notes }),
        ...(problems.length === 0 ? {} : { errors: problems }),
      };
      io.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
    } else if (digest !== undefined) io.stdout.write(report.fingerprintLines(found, digest, pin ?? 'certificate'));
    else if (found.length > 0) io.stdout.write(report.fingerprintText(found, io.now().toISOString()));

    const { noteText, problemText } = await import('../../report/problem.ts');
    for (const note of notes) io.stderr.write(noteText(note));
    for (const problem of problems) io.stderr.write(problemText(problem));
    return exitCodes[exit][0];
  },
};

function choice<Known extends string>(flag: string, given: unknown, known: readonly Known[]): Known | undefined {
  if (given === undefined) return undefined;
  const found = known.find((word) => word === given);
  if (found === undefined)
    throw usage('option-value', `${flag} does not know "${given}"`, suggest(String(given), known));
  return found;
}

interface Outcome {
  readonly found: readonly Fingerprinted[];
  /** What is worth knowing of servers that were asked, and no failure. */
  readonly notes: readonly Problem[];
  readonly problems: readonly Problem[];
  readonly exit: ExitName;
}

/** Reads every file, and goes on past those that fail: the others' fingerprints are still of use. */
async function readAll(files: readonly string[], io: Io): Promise<Outcome> {
  const { inspect } = await import('../../x509/inspect.ts');
  const found: Fingerprinted[] = [];
  const notes: Problem[] = [];
  const problems: Problem[] = [];
  let exit: ExitName = 'done';
  for (const file of files) {
    try {
      const inspection = inspect(await read(file, io, notes), file === '-' ? 'standard input' : file);
      for (const facts of inspection.certificates)
        found.push({
          file,
          facts,
          certificate: allFingerprints(facts.der),
          publicKey: allFingerprints(facts.publicKey),
        });
      if (inspection.problems.length > 0) throw new CertrelayError('usage', ...inspection.problems);
    } catch (error) {
      if (!(error instanceof CertrelayError)) throw error;
      problems.push(...error.problems);
      if (exit === 'done') exit = error.exit;
    }
  }
  return { found, notes, problems, exit };
}

async function read(file: string, io: Io, notes: Problem[]): Promise<Uint8Array> {
  if (file === '-') return (await io.stdin.bytes?.()) ?? new TextEncoder().encode(await io.stdin.text());
  try {
    return readBytes(resolve(io.cwd, file));
  } catch (error) {
    const missing = error instanceof CertrelayError && error.problems[0]?.code === 'file-enoent';
    if (!missing || !looksLikePlace(file)) throw error;
    const { serversCertificate } = await import('./fingerprint/of-server.ts');
    const shown = await serversCertificate(file);
    notes.push(...shown.notes);
    return shown.certificate;
  }
}
