import { nearest } from '../../lib/nearest.ts';
import { tokens } from '../../policy/postfix/tokens.ts';
import { restrictions, restrictionsOf } from '../../policy/smtpd/restrictions/index.ts';
import { type Edit, overrideOf, setTo } from '../configuration/edit.ts';
import { elementsOf, restrictionLists } from '../configuration/elements.ts';
import type { ServiceEvidence } from '../evidence/evidence.ts';
import type { FindingRow } from './finding.ts';
import { at, perService } from './per-service.ts';

const finals = new Set(['permit', 'reject', 'defer']);

function classes({ config }: ServiceEvidence): readonly string[] {
  return tokens(config.get('smtpd_restriction_classes'), config.version);
}

/** A word of a list put in the place of another, where the list is set. */
function replaced(service: ServiceEvidence, list: string, word: string, by: string): readonly Edit[] {
  return [setTo(list, service.config.raw(list).replace(word, by), overrideOf(service, list))];
}

export const listElementFindings: readonly FindingRow[] = [
  {
    id: 'restriction-unknown',
    severity: 'error',
    title: 'a restriction list names something that this release does not know',
    doc: 'The server answers "451 4.3.5 Server configuration error" to whoever gets as far as that element.',
    test: (evidence) =>
      perService(evidence, (server, service) => {
        const { config } = service;
        const known = restrictionsOf(config.version);
        const own = classes(service);
        return [...restrictionLists, ...own].flatMap((list) =>
          elementsOf(config, list)
            .filter(({ name, written }) => !known.has(name) && !own.includes(written) && !/[:{]/.test(written))
            .filter(({ name }) => name !== 'reject_sender_login_mismatch')
            .map(({ name, written }) => {
              const later = restrictions.find((row) => row.name === name);
              const meant = nearest(name, [...known.keys()]);
              return {
                ...at(server, service, list, written),
                message: `"${written}" in ${list} is no restriction of Postfix ${config.version.text}`,
                why:
                  later === undefined
                    ? 'whoever gets as far as this element is answered "451 4.3.5 Server configuration error"'
                    : `it comes with Postfix ${later.since}; this release answers "451 4.3.5 Server configuration error"`,
                repair: meant === undefined ? 'take it out, or write the name that was meant' : `write "${meant}"`,
                ...(meant === undefined ? {} : { edits: [replaced(service, list, written, meant)] }),
              };
            }),
        );
      }),
  },
  {
    id: 'element-unreachable',
    severity: 'warning',
    title: 'an element stands behind one that ends the list for everybody',
    doc: 'permit, reject and defer decide about every client; what follows them in the list is never tried.',
    test: (evidence) =>
      perService(evidence, (server, service) =>
        [...restrictionLists, ...classes(service)].flatMap((list) => {
          const elements = elementsOf(service.config, list);
          const end = elements.findIndex(({ name, warnsOnly }) => finals.has(name) && !warnsOnly);
          const last = elements[end];
          if (last === undefined) return [];
          return elements.slice(end + 1).map(({ written }) => ({
            ...at(server, service, list, written),
            message: `"${written}" in ${list} is never tried`,
            why: `"${last.written}" before it ends the list for everybody`,
            repair: `take it out, or move it before "${last.written}"`,
          }));
        }),
      ),
  },
  {
    id: 'element-duplicate',
    severity: 'note',
    title: 'an element stands twice in one list',
    doc: 'The second one can decide nothing that the first has not decided; one of the two may have been meant to be another.',
    test: (evidence) =>
      perService(evidence, (server, service) =>
        [...restrictionLists, ...classes(service)].flatMap((list) => {
          const words = elementsOf(service.config, list).map(({ name, argument = '' }) => `${name} ${argument}`.trim());
          const twice = new Set(words.filter((word, index) => words.indexOf(word) < index));
          return [...twice].map((word) => ({
            ...at(server, service, list, word.split(' ')[0]),
            message: `"${word}" stands twice in ${list}`,
            why: 'the second one is asked only when the first did not decide, and then it does not decide either',
            repair: 'take one of them out',
          }));
        }),
      ),
  },
];
