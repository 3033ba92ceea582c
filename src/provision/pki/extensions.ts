import { AsnConvert } from '@peculiar/asn1-schema';
import {
  AuthorityKeyIdentifier,
  BasicConstraints,
  ExtendedKeyUsage,
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
} from '@peculiar/asn1-x509';
import { type Der, element, objectIdentifier, tags, textOctets } from '../../x509/der.ts';
import type { Profile } from './profiles.ts';

const identifiers = new Map<string, Der>();
const isTrue = element(tags.boolean, Uint8Array.of(0xff));

/** One extension (RFC 5280, section 4.1). `value` is DER. */
function extension(oid: string, critical: boolean, value: Uint8Array): Der {
  const identifier = identifiers.get(oid) ?? objectIdentifier(oid);
  identifiers.set(oid, identifier);
  return element(tags.sequence, identifier, ...(critical ? [isTrue] : []), element(tags.octetString, value));
}

function der(value: unknown): Der {
  return new Uint8Array(AsnConvert.serialize(value));
}

const encoded = new Map<Profile, readonly Der[]>();

/** The extensions that every certificate of a profile has alike: basicConstraints, keyUsage, extKeyUsage; encoded once. */
export function profileExtensions(profile: Profile): readonly Der[] {
  const known = encoded.get(profile);
  if (known !== undefined) return known;
  const { pathLength, keyUsage, extKeyUsage } = profile;
  const constraints = pathLength === undefined ? {} : { cA: true, pathLenConstraint: pathLength };
  const extensions = [
    extension(id_ce_basicConstraints, true, der(new BasicConstraints(constraints))),
    extension(id_ce_keyUsage, true, der(new KeyUsage(keyUsage))),
  ];
  if (extKeyUsage.length > 0)
    extensions.push(extension(id_ce_extKeyUsage, false, der(new ExtendedKeyUsage([...extKeyUsage]))));
  encoded.set(profile, extensions);
  return extensions;
}

/** SAN with host names. It is critical when the subject is empty (RFC 5280, section 4.2.1.6). */
export function subjectAltName(names: readonly string[], critical: boolean): Der {
  const generalNames = names.map((name) => element(tags.dnsName, textOctets(name)));
  return extension(id_ce_subjectAltName, critical, element(tags.sequence, ...generalNames));
}

/** SKI: names the certificate's own key. */
export function subjectKeyIdentifier(keyIdentifier: Uint8Array<ArrayBuffer>): Der {
  return extension(id_ce_subjectKeyIdentifier, false, element(tags.octetString, keyIdentifier));
}

/** AKI: names the authority's key by the authority's own SKI. */
export function authorityKeyIdentifier(keyIdentifier: Uint8Array<ArrayBuffer>): Der {
  const value = new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(keyIdentifier.buffer) });
  return extension(id_ce_authorityKeyIdentifier, false, der(value));
}

/** nameConstraints that permit these DNS domains, with everything below each, and no other (RFC 5280, 4.2.1.10). */
export function nameConstraints(domains: readonly string[]): Der {
  const subtrees = domains.map((dNSName) => new GeneralSubtree({ base: new GeneralName({ dNSName }) }));
  return extension(
    id_ce_nameConstraints,
    true,
    der(new NameConstraints({ permittedSubtrees: new GeneralSubtrees(subtrees) })),
  );
}
