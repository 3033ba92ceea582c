import { tokens } from '../../policy/postfix/tokens.ts';
import type { Place } from '../../policy/smtpd/questions/place.ts';
import type { ServiceEvidence } from '../evidence/evidence.ts';
import { type Edit, setTo } from './edit.ts';
import { overrideOf } from './override.ts';

const permit = 'permit_tls_clientcerts';

/** The edit that puts the permit before the element of a list that refuses, wherever the list is set. */
export function permitBefore(service: ServiceEvidence, { list, restriction }: Place): readonly Edit[] {
  const { config } = service;
  const isSet = config.isSet(list);
  // What is set is edited as it is written, so that its $names and its punctuation stay; a default has no such text.
  const raw = isSet ? config.raw(list) : config.get(list);
  const without = removed(raw);
  const value = inserted(without, restriction) ?? tokens(config.get(list), config.version).join(', ');
  return [setTo(list, value, overrideOf(service, list))];
}

function inserted(text: string, before: string): string | undefined {
  const at = text.search(new RegExp(`(?<![^\\s,])${before}(?![^\\s,])`));
  if (at < 0) return undefined;
  const separator = text.includes(',') || !/\s/.test(text.trim()) ? ', ' : ' ';
  return `${text.slice(0, at)}${permit}${separator}${text.slice(at)}`;
}

/** The list without the permit: one that stands behind the refusal moves rather than being there twice. */
function removed(text: string): string {
  return text.replace(new RegExp(`(?:^|[\\s,]+)${permit}(?![^\\s,])`, 'gi'), '').replace(/^[\s,]+/, '');
}
