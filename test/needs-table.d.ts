/** How a need is met: the Debian package that brings it, and how it is found when it is not a program of its name. */
export interface Need {
  readonly package: string;
  readonly path?: string;
  readonly mapType?: string;
}
export const table: Readonly<Record<string, Need>>;
export function isInstalled(name: string, need: Need): boolean;
export function missingPackages(rows: Readonly<Record<string, Need>>): string[];
