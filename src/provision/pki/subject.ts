import { usage } from '../../lib/problem.ts';
import { type Der, element, objectIdentifier, tags, textOctets } from '../../x509/der.ts';

const idCommonName = objectIdentifier('2.5.4.3');

/** RFC 5280, appendix A.1: ub-common-name. */
const commonNameLimit = 64;

/** The distinguished name that holds a common name and nothing else. */
function commonName(text: string): Der {
  const attribute = element(tags.sequence, idCommonName, element(tags.utf8String, textOctets(text)));
  return element(tags.sequence, element(tags.set, attribute));
}

/**
 * The subject of a host's certificate. A host name longer than a common name may be stands in the subjectAltName alone
 * and the subject is empty: RFC 5280, section 4.1.2.6 provides for that, and half a host name would be another host's.
 */
export function hostSubject(name: string): { readonly name: Der; readonly commonName: string } {
  return name.length > commonNameLimit
    ? { name: element(tags.sequence), commonName: '' }
    : { name: commonName(name), commonName: name };
}

/**
 * The subject of an authority, which may not be empty.
 * @throws CertrelayError (usage) when the text is empty, too long, or has control characters.
 */
export function authoritySubject(text: string): Der {
  if (text.trim() === '') throw usage('ca-name-empty', "the authority's name is empty", 'choose one with --ca-name');
  if ([...text].length > commonNameLimit)
    throw usage(
      'ca-name-long',
      `the authority's name "${text}" is longer than ${commonNameLimit} characters`,
      'choose another with --ca-name',
    );
  if (/[\p{Cc}\p{Cf}\p{Cs}]/u.test(text))
    throw usage(
      'ca-name-characters',
      "the authority's name has control characters or is no proper Unicode",
      'choose another with --ca-name',
    );
  return commonName(text);
}
