import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';
import type { Options } from '../../../../src/cli/command.ts';
import { tellFailure } from '../../../../src/cli/command-line.ts';
import { explain } from '../../../../src/cli/commands/explain.ts';
import { CertrelayError } from '../../../../src/lib/problem.ts';
import { heard } from '../../../setup/in-process.ts';

/** What a run of the command printed, and how it ended. */
export interface Explained {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A folder with files, and `certrelay explain` run in it. */
export interface Workbench {
  readonly folder: string;
  write(name: string, text: string | Uint8Array): void;
  explain(args: readonly string[], options?: Options, input?: string): Promise<Explained>;
  /** The same with --json, as a document. */
  document(args: readonly string[], options?: Options): Promise<ExplainDocument>;
}

/** The parts of the JSON document that tests look at. */
export interface ExplainDocument {
  readonly schema: string;
  readonly postfix?: { readonly version: string; readonly how: string; readonly words: string };
  readonly verdict: string | null;
  readonly sessions: readonly {
    readonly name: string;
    readonly service: string;
    readonly agreement: string;
    readonly alike: number;
    readonly verdict: string;
    readonly logged?: {
      readonly code: number;
      readonly enhanced: string;
      readonly text: string;
      readonly stage: string;
    };
    readonly reply?: { readonly code: number; readonly enhanced: string; readonly text: string };
    readonly decidedBy?: { readonly list: string; readonly index: number; readonly restriction: string };
    readonly assumed: readonly string[];
    readonly missing: readonly string[];
    readonly listed?: { readonly value: string };
  }[];
  readonly findings: readonly { readonly id: string; readonly severity: string; readonly decisive: boolean }[];
  readonly repairs: readonly {
    readonly title: string;
    readonly offered: boolean;
    readonly preferred: boolean;
    readonly commands: readonly string[];
    readonly sessions: readonly { readonly before: string; readonly after: string }[];
  }[];
  readonly problems: readonly { readonly code: string; readonly message: string }[];
  readonly log?: { readonly lines: number; readonly sessions: number; readonly leftOut: number };
}

/** A folder goes with the test that made it, or with the suite. */
function removed(folder: string): void {
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    onTestFinished(remove);
  } catch {
    // Not in a test.
    afterAll(remove);
  }
}

export function workbench(files: Readonly<Record<string, string | Uint8Array>> = {}): Workbench {
  const folder = mkdtempSync(join(tmpdir(), 'certrelay-explain-'));
  removed(folder);
  const write = (name: string, text: string | Uint8Array) => {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  for (const [name, text] of Object.entries(files)) write(name, text);
  const run = async (args: readonly string[], options: Options = {}, input = ''): Promise<Explained> => {
    const said = heard({
      ...{ cwd: folder, input, now: () => new Date('2026-11-22T12:00:00Z') },
      random: (bytes) => new Uint8Array(bytes),
    });
    try {
      const code = await explain.run(args, options, said.io, []);
      return { code, out: said.stdout, err: said.stderr };
    } catch (error) {
      if (!(error instanceof CertrelayError)) throw error;
      return { code: tellFailure(error, [], said.io), out: said.stdout, err: said.stderr };
    }
  };
  return {
    folder,
    write,
    explain: run,
    async document(args, options = {}) {
      const { out, err } = await run(args, { ...options, json: true });
      if (out === '') throw new Error(`no document: ${err}`);
      return JSON.parse(out) as ExplainDocument;
    },
  };
}
