import type { Cut } from '../postfix/cut.ts';
import type { Question } from '../smtpd/questions/facts.ts';
import { canonical } from './canonical.ts';
import { lineNames } from './lines/line.ts';
import { type Lines, lineIndex } from './lines/lines.ts';
import { RepresentativeSession, type Server } from './representative-session.ts';
import { TabulatingTrail } from './tabulating-trail.ts';

/** An atom of the line of certificates on which there is one. */
const anyCertificate = 2;

/** A session of nobody, on which the answers of questions are worked out atom by atom. */
export class Scratch {
  private readonly lines: Lines;
  private readonly representative: RepresentativeSession;
  private readonly trail: TabulatingTrail;
  private line = 0;

  constructor(lines: Lines, server: Server) {
    this.lines = lines;
    this.trail = new TabulatingTrail((key) => canonical(key, this.representative, this.line));
    this.representative = new RepresentativeSession(lines, server, this.trail, {
      data: false,
      silent: false,
      hidesTls: false,
    });
    this.representative.session.phase = 'rcpt';
    for (let line = 0; line < lineNames.length; line++) this.representative.show(line);
  }

  /** What the question's literal text says of an atom. */
  ask<A>(question: Question<A>, line: number, atom: number): { readonly answer: A } | { readonly open: string } {
    this.line = line;
    // A public key is asked about only where there is a certificate.
    if (line === lineIndex['public key']) this.representative.take(lineIndex.certificate, anyCertificate);
    this.representative.take(line, atom);
    const { session } = this.representative;
    return this.trail.tabulate(() => {
      this.representative.forget();
      this.representative.show(line);
      return question.literal(session, this.trail);
    });
  }

  /** The same with an atom of another line in place. */
  besides(line: number, atom: number): void {
    this.representative.take(line, atom);
    this.representative.show(line);
  }

  boundsOn(line: number, cuts: readonly Cut[]): Int32Array {
    return this.lineAt(line)?.bounds(cuts) ?? new Int32Array(1);
  }

  sizeOf(line: number): number {
    return this.lineAt(line)?.size ?? 0;
  }

  private lineAt(line: number) {
    const name = lineNames[line];
    return name === undefined ? undefined : this.lines[name];
  }
}
