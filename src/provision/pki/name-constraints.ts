import { AsnConvert } from '@peculiar/asn1-schema';
import { type Extension, type GeneralSubtree, id_ce_nameConstraints, NameConstraints } from '@peculiar/asn1-x509';

/** The DNS domains for which an authority may issue, as its certificate says. */
export interface DnsConstraints {
  /** Undefined: every domain. */
  readonly permitted?: readonly string[];
  readonly excluded: readonly string[];
}

/** Reads the DNS part of a certificate's nameConstraints (RFC 5280, section 4.2.1.10). */
export function dnsConstraints(extensions: readonly Extension[]): DnsConstraints {
  const found = extensions.find(({ extnID }) => extnID === id_ce_nameConstraints);
  if (found === undefined) return { excluded: [] };
  const { permittedSubtrees, excludedSubtrees } = AsnConvert.parse(found.extnValue.buffer, NameConstraints);
  const permitted = domains(permittedSubtrees ?? []);
  // Subtrees of other kinds (addresses, directories) leave host names free.
  return { ...(permitted.length === 0 ? {} : { permitted }), excluded: domains(excludedSubtrees ?? []) };
}

function domains(subtrees: readonly GeneralSubtree[]): string[] {
  return subtrees.map(({ base }) => base.dNSName).filter((name) => name !== undefined);
}

/** The names that a certificate issued under these constraints may not have. */
export function outsideConstraints(names: readonly string[], constraints: DnsConstraints): readonly string[] {
  const { permitted, excluded } = constraints;
  return names.filter(
    (name) =>
      (permitted !== undefined && !permitted.some((domain) => within(name, domain))) ||
      excluded.some((domain) => within(name, domain)),
  );
}

/** A domain covers itself and everything below it; with a leading dot, as some write it, only what is below. */
function within(name: string, domain: string): boolean {
  const [host, base] = [name.toLowerCase(), domain.toLowerCase()];
  return host === base || base === '' || host.endsWith(base.startsWith('.') ? base : `.${base}`);
}
