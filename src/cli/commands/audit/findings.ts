import type { Finding, FindingRow } from '../../../diagnose/findings/finding.ts';
import { severities } from '../../../diagnose/findings/finding.ts';
import { listElementFindings } from '../../../diagnose/findings/list-elements.ts';
import { openRelay } from '../../../diagnose/findings/open-relay.ts';
import type { Audit } from '../../../policy/explore/audit.ts';
import type { Path } from '../../../policy/explore/result.ts';
import { assumptionText, type LocatedElement, sessionText } from '../../../report/audit/path-words.ts';

/** What diagnosis found, and what only following every path shows: an opening, and elements that nothing comes to. */
export function findingsOf(
  audit: Audit,
  question: string,
  unreached: readonly LocatedElement[],
  diagnosed: readonly Finding[],
): readonly Finding[] {
  const said = new Set(diagnosed.map(({ id }) => id));
  const opening = question !== 'relay' || said.has(openRelay.id) ? [] : openings(audit);
  const messages = new Set(diagnosed.map(({ message }) => message));
  const elements = unreached
    .flatMap((element) => unreachable(element) ?? [])
    .filter(({ message }) => !messages.has(message));
  return [...opening, ...diagnosed, ...elements].sort(
    (a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity),
  );
}

function openings({ ways, relay }: Audit): readonly Finding[] {
  const way = ways.find(({ open, openIf }) => (relay === 'open' ? open : openIf) !== undefined);
  const path: Path | undefined = relay === 'open' ? way?.open : way?.openIf;
  if (way === undefined || path === undefined) return [];
  const { id, title, doc, severity } = openRelay;
  const supposed = path.assumptions.filter(({ chosenBy }) => chosenBy === 'others').map(assumptionText);
  return [
    {
      ...{ id, title, doc, severity: relay === 'open' ? severity : 'warning' },
      message:
        relay === 'open'
          ? `anybody can relay: ${sessionText(path.witness)}, is accepted`
          : `anybody can relay if it is so: ${supposed.join('; ')}`,
      why:
        way.by === undefined
          ? 'no element of any list refuses a remote recipient'
          : `"${way.by.restriction}" of ${way.by.list} permits it`,
      repair:
        'put reject_unauth_destination or defer_unauth_destination before it, after the permits for those whom you know',
      ...(way.by === undefined ? {} : { parameter: way.by.list }),
    },
  ];
}

/** Only what somebody wrote: a default is not there to be tidied up. */
function unreachable({ place, where }: LocatedElement): Finding | undefined {
  const row = listElementFindings.find(({ id }: FindingRow) => id === 'element-unreachable');
  if (row === undefined || where === undefined) return undefined;
  const { id, title, doc, severity } = row;
  return {
    ...{ id, title, doc, severity, where, parameter: place.list },
    message: `"${place.restriction}" in ${place.list} is never tried`,
    why: 'on every path through the lists something before it decides',
    repair: 'take it out, or move it before what decides',
  };
}
