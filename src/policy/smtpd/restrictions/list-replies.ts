import { TableFailure } from '../../postfix/config.ts';
import { atLeast } from '../../postfix/version.ts';
import { Maps } from '../address/maps.ts';
import { splitStatus } from '../dialogue/reply.ts';
import { attributeOf } from '../dialogue/reply-attributes.ts';
import { fillTemplate, filterCharacters } from '../dialogue/reply-template.ts';
import { fitStatus } from '../lists/address-status.ts';
import type { Run, Status } from '../lists/run.ts';
import type { Scope, Site } from '../lists/scope.ts';
import { type Listed, parseList } from './dns-lists.ts';

/** The refusal that rbl_reply_maps or default_rbl_reply word. */
export function refuseListed(
  site: Site,
  scope: Scope,
  argument: string,
): (run: Run, listed: Listed, reason: string) => Status {
  const { config } = site;
  const { domain } = parseList(argument);
  const maps = new Maps(config, 'rbl_reply_maps');
  // From 3.10 on a list that is asked for some of its addresses need not be named with them.
  const keys = atLeast(config.version, '3.10') && domain !== argument ? [argument, domain] : [argument];
  const code = String(config.integer('maps_rbl_reject_code'));
  const fallback = config.raw('default_rbl_reply');
  const allowed = filterCharacters(config.get('smtpd_expansion_filter'));
  const server = config.get('myhostname');

  const own = (run: Run): string | undefined | TableFailure => {
    for (const key of keys) {
      const template = maps.find(key, run.trail);
      if (template !== undefined) return template;
    }
    return undefined;
  };

  return (run, { what }, reason) => {
    const values: Readonly<Record<string, string>> = {
      rbl_code: code,
      rbl_domain: domain,
      rbl_reason: reason,
      rbl_txt: reason,
      rbl_what: what,
      rbl_class: scope.className,
    };
    const fill = (template: string) =>
      fillTemplate(
        template,
        (name) => (Object.hasOwn(values, name) ? values[name] : attributeOf(name, run, server)),
        allowed,
        config.version,
      );
    const template = own(run);
    if (template instanceof TableFailure) return run.configFailure();
    if (template !== undefined) {
      const filled = fill(template);
      if (!('error' in filled) && filled.unknown === undefined) return answer(run, scope, filled.text);
      run.warn(`bad rbl reply template for domain ${argument}: ${template}`);
    }
    const filled = fill(fallback);
    if ('error' in filled || filled.unknown !== undefined) {
      return run.die(`rbl_reject_reply: bad default rbl reply template: ${fallback}`);
    }
    return answer(run, scope, filled.text);
  };
}

function answer(run: Run, scope: Scope, text: string): Status {
  const match = /^([45]\d\d) ([\s\S]*)$/.exec(text);
  if (match === null) {
    run.warn(`rbl response code configuration error: ${text}`);
    return run.reject('policy', 450, '4.7.1', 'Service unavailable');
  }
  const split = splitStatus(match[2] ?? '', '4.7.1');
  const dsn = fitStatus(run, split.dsn, scope.className);
  return run.reject('policy', Number(match[1]), dsn, split.text === '' ? 'Service unavailable' : split.text);
}
