import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take long by themselves, the longest first: one that is begun last keeps one worker busy while all others are done. */
const long = [
  'test/kinds/postfix/apply-hosts.test.ts',
  'test/kinds/postfix/apply-failures.test.ts',
  'test/kinds/postfix/rotation-servers.test.ts',
  'test/kinds/postfix/install.test.ts',
  'test/kinds/postfix/apply.test.ts',
  'test/kinds/postfix/rotation-clients.test.ts',
  'test/kinds/crash/crash.test.ts',
  'test/documents.test.ts',
];

/** The order in which files are begun: those, then as vitest has it (by its last run, or by size). */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = long.findIndex((name) => moduleId.endsWith(`/${name}`));
      return at < 0 ? long.length : at;
    };
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}
