import { nearest } from '../../lib/nearest.ts';
import { knownParameters } from '../../policy/postfix/parameters.ts';
import { tokens } from '../../policy/postfix/tokens.ts';
import { atLeast, minorReleases, parseVersion, type Version } from '../../policy/postfix/version.ts';
import { setTo } from '../configuration/edit.ts';
import type { ConfigurationEvidence, Evidence } from '../evidence/evidence.ts';
import type { FindingRow } from './finding.ts';
import { at, perService } from './per-service.ts';

/** Names that only Postfix gives: nobody calls a macro of his own like that without using it. */
const concerns = /^(?:smtpd?_|tls_|relay_|mynetworks|permit_|compatibility_|postscreen_)/;

/** Names that the texts refer to, as `$name` or as restriction classes: macros of the administrator's own. */
function ownNames({ text, master, mainCf }: ConfigurationEvidence, version: Version): ReadonlySet<string> {
  const all = `${text}\n${master?.text ?? ''}`;
  const macros = [...all.matchAll(/\$[({]?(\w+)/g)].map(([, name = '']) => name);
  return new Set([...macros, ...tokens(mainCf.definitions.get('smtpd_restriction_classes')?.value ?? '', version)]);
}

/** The releases that know a parameter: the first, and the first that no longer does. */
function releasesOf(name: string): { readonly since: string; readonly until: string | undefined } | undefined {
  const known = minorReleases.map((minor) => {
    const version = parseVersion(minor);
    return { minor, has: !('code' in version) && knownParameters(version).has(name) };
  });
  const first = known.findIndex(({ has }) => has);
  if (first < 0) return undefined;
  const until = known.slice(first).find(({ has }) => !has)?.minor;
  return { since: known[first]?.minor ?? '', until };
}

function sides({ server, client }: Evidence): readonly ConfigurationEvidence[] {
  return [server, client].filter((side) => side !== undefined);
}

export const parameterFindings: readonly FindingRow[] = [
  {
    id: 'parameter-unknown',
    severity: 'warning',
    title: 'main.cf sets a parameter that this release does not know',
    doc: 'Postfix takes any name for a macro and says nothing when it starts; only postconf(1) warns of names that nobody uses.',
    test: (evidence) =>
      sides(evidence).flatMap((side) => {
        const { version } = side.release;
        const known = knownParameters(version);
        const own = ownNames(side, version);
        return [...side.mainCf.definitions]
          .filter(([name]) => concerns.test(name) && !known.has(name) && !own.has(name) && !isPerService(name, side))
          .map(([name, { where }]) => {
            const releases = releasesOf(name);
            const meant = nearest(name, [...known.keys()]);
            const isLater = releases !== undefined && !atLeast(version, releases.since);
            return {
              ...{ where, parameter: name },
              message: `"${name}" is no parameter of Postfix ${version.text}`,
              why:
                releases === undefined
                  ? 'Postfix takes it for a macro that nobody uses, and says nothing'
                  : isLater
                    ? `it comes with Postfix ${releases.since}; this release takes it for a macro that nobody uses`
                    : `Postfix ${releases.until ?? ''} took it away`,
              repair:
                releases === undefined && meant !== undefined
                  ? `write "${meant}", if that was meant`
                  : 'take it out, or say the same with a parameter that this release has',
            };
          });
      }),
  },
  {
    id: 'parameter-set-twice',
    severity: 'warning',
    title: 'main.cf sets a parameter twice, and the first value does not count',
    doc: 'The last definition is in force, wherever it stands. postconf(1) warns of it from Postfix 2.11 on.',
    test: (evidence) =>
      sides(evidence).flatMap((side) => {
        const seen = new Map<string, { readonly line: number; readonly value: string }>();
        return side.text.split('\n').flatMap((text, index) => {
          const [, name, value = ''] = /^(\w+)[ \t]*=[ \t]*(.*?)\s*$/.exec(text) ?? [];
          if (name === undefined) return [];
          const before = seen.get(name);
          seen.set(name, { line: index + 1, value });
          if (before === undefined || before.value === value) return [];
          return [
            {
              where: { file: side.file, line: index + 1, column: 1 },
              parameter: name,
              message: `${name} is set here again; what line ${before.line} says ("${before.value}") does not count`,
              why: 'the last definition of a name is in force',
              repair: 'take out the one that is not meant',
            },
          ];
        });
      }),
  },
  {
    id: 'compatibility-level-low',
    severity: 'warning',
    title: 'an old compatibility level leaves the relay list empty',
    doc: 'From Postfix 3.0 on smtpd_relay_restrictions is empty below compatibility level 1 (where it is not set), so that the recipient list alone keeps the server from relaying.',
    test: (evidence) =>
      perService(evidence, (server, service) => {
        const { config } = service;
        if (!atLeast(config.version, '3.0') || config.isSet('smtpd_relay_restrictions')) return [];
        if (config.compatibilityLevel[0] >= 1) return [];
        const level = config.get('compatibility_level');
        return [
          {
            ...at(server, service, 'compatibility_level'),
            message: `compatibility_level is "${level}"${config.isSet('compatibility_level') ? '' : ', its default'}: smtpd_relay_restrictions is empty`,
            why: 'the recipient list alone decides who relays; a rule against spam that permits too much opens the server',
            repair:
              'set smtpd_relay_restrictions, and compatibility_level to the release that the configuration was made for',
            edits: [
              [
                setTo(
                  'smtpd_relay_restrictions',
                  'permit_mynetworks, permit_sasl_authenticated, permit_tls_clientcerts, defer_unauth_destination',
                ),
              ],
            ],
          },
        ];
      }),
  },
];

/** Parameters that exist for a service of the administrator's own: `smtp_destination_concurrency_limit` and the like. */
function isPerService(name: string, { master }: ConfigurationEvidence): boolean {
  const services = master?.parsed.services.map((service) => service.name) ?? [];
  return (
    /_(?:destination_(?:concurrency|rate|recipient)|concurrency_failed|delivery_slot|extra_recipient|initial_destination|minimum_delivery|recipient_(?:limit|refill)|time_limit|transport_rate)/.test(
      name,
    ) || services.some((service) => !/^smtpd?$/.test(service) && name.startsWith(`${service}_`))
  );
}
