import { usage } from '../../lib/problem.ts';
import type { Manifest } from '../programs/manifest.ts';
import type { Located } from './locate.ts';

/** postconf(1) edits master.cf and takes parameters out from here on; install.sh knows older ones. */
const oldest = { major: 2, minor: 11 } as const;

/**
 * Is this the host, the Postfix and the set of table types that the folder was rendered for? `named` is the host as the
 * operator names it, where it calls itself otherwise.
 * @throws CertrelayError (usage).
 */
export function checkRightHost(manifest: Manifest, located: Located, named: string | undefined): void {
  checkName(manifest, located, named);
  const { version, major, minor } = located;
  const { versions, versionOption } = manifest;
  if (!atLeast(located, versions.from) || atLeast(located, versions.to)) {
    throw usage(
      'version-range',
      `this was made for Postfix ${versions.text}, and this host has ${version}; nothing changed`,
      `make it for this version: certrelay init ${versionOption} ${major}.${minor} --yes`,
    );
  }
  if (!atLeast(located, `${oldest.major}.${oldest.minor}`)) {
    throw usage(
      'version-old',
      `this host has Postfix ${version}, which "certrelay apply" does not know`,
      'use install.sh',
    );
  }
  const known = located.programs.tableTypes();
  const asked = manifest.tables.flatMap(({ type }) => type.split(':'));
  for (const wanted of [...manifest.maps.map(({ type }) => tableType(type, located)), ...asked]) {
    if (known.includes(wanted)) continue;
    throw usage(
      'table-type-missing',
      `this Postfix has no lookup tables of type "${wanted}", only ${known.join(' ')}`,
      "install that type's package, or make it for another type: certrelay init --table-type TYPE --yes",
    );
  }
}

/** The type as Postfix would read it from main.cf. */
export function tableType(type: string, { programs }: Pick<Located, 'programs'>): string {
  return type === '$default_database_type' ? programs.value('default_database_type') : type;
}

/** A server's certificate on a client would stop mail there, and a folder is soon copied to the wrong place. */
function checkName({ host }: Manifest, { names }: Located, named: string | undefined): void {
  if (named === host || names.includes(host)) return;
  // A host may know the first part of its name only.
  if (names.some((name) => !name.includes('.') && host.startsWith(`${name}.`))) return;
  throw usage(
    'host-other',
    `this folder is for "${host}", and this host calls itself ${[...new Set(names)].map((name) => `"${name}"`).join(', ')}; nothing changed`,
    `if it is the right one under another name, add --host ${host}`,
  );
}

function atLeast({ major, minor }: Located, version: string): boolean {
  const [wantedMajor = 0, wantedMinor = 0] = version.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}
