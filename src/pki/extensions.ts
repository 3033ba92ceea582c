import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AuthorityKeyIdentifier,
  BasicConstraints,
  ExtendedKeyUsage,
  Extension,
  GeneralName,
  GeneralSubtree,
  GeneralSubtrees,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_nameConstraints,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  KeyIdentifier,
  KeyUsage,
  NameConstraints,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
} from '@peculiar/asn1-x509';
import type { Profile } from './profiles.ts';

function extension(extnID: string, critical: boolean, value: unknown): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

/** The extensions that every certificate of a profile has alike: basicConstraints, keyUsage, extKeyUsage. */
export function profileExtensions(profile: Profile): readonly Extension[] {
  const { pathLength, extKeyUsage } = profile;
  const constraints = pathLength === undefined ? {} : { cA: true, pathLenConstraint: pathLength };
  return [
    extension(id_ce_basicConstraints, true, new BasicConstraints(constraints)),
    extension(id_ce_keyUsage, true, new KeyUsage(profile.keyUsage)),
    ...(extKeyUsage.length === 0 ? [] : [extension(id_ce_extKeyUsage, false, new ExtendedKeyUsage([...extKeyUsage]))]),
  ];
}

/** subjectAltName with host names. It is critical when the subject is empty (RFC 5280, section 4.2.1.6). */
export function subjectAltName(names: readonly string[], critical: boolean): Extension {
  const generalNames = names.map((dNSName) => new GeneralName({ dNSName }));
  return extension(id_ce_subjectAltName, critical, new SubjectAlternativeName(generalNames));
}

/** SKI: names the certificate's own key. */
export function subjectKeyIdentifier(keyIdentifier: Uint8Array<ArrayBuffer>): Extension {
  return extension(id_ce_subjectKeyIdentifier, false, new SubjectKeyIdentifier(keyIdentifier.buffer));
}

/** AKI: names the authority's key by the authority's own SKI. */
export function authorityKeyIdentifier(keyIdentifier: Uint8Array<ArrayBuffer>): Extension {
  const value = new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(keyIdentifier.buffer) });
  return extension(id_ce_authorityKeyIdentifier, false, value);
}

/** nameConstraints that permit these DNS domains, with everything below each, and no other (RFC 5280, 4.2.1.10). */
export function nameConstraints(domains: readonly string[]): Extension {
  const subtrees = domains.map((dNSName) => new GeneralSubtree({ base: new GeneralName({ dNSName }) }));
  return extension(
    id_ce_nameConstraints,
    true,
    new NameConstraints({ permittedSubtrees: new GeneralSubtrees(subtrees) }),
  );
}
