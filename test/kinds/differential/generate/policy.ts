import type { Draw } from './draw.ts';
import { list } from './lists.ts';
import type { Setting } from './setting.ts';
import type { Tables } from './tables.ts';

/** The lists and what they refer to. */
export function policy(draw: Draw, tables: Tables): Setting[] {
  const settings: Setting[] = [];
  if (draw.chance(85))
    settings.push(['compatibility_level', draw.one(['0', '1', '2', '2', '3.6', '3.6', '3.5', '9999'] as const)]);
  const classes = draw.one(['class_a, class_b', 'class_a class_b', 'class_b,class_a'] as const);
  settings.push(['smtpd_restriction_classes', classes]);
  const inner = (name: string): Setting => {
    const text = list(draw, tables, 'recipient', 3);
    return [name, text === '' ? 'permit_mynetworks' : text];
  };
  settings.push(inner('class_a'), inner('class_b'));
  if (draw.chance(2)) settings.push(...deep(draw));
  for (const [stage, percent] of [
    ['client', 28],
    ['helo', 26],
    ['sender', 28],
    ['data', 12],
    ['end_of_data', 8],
    ['etrn', 7],
  ] as const) {
    if (draw.chance(percent)) settings.push([`smtpd_${stage}_restrictions`, list(draw, tables, stage, 3)]);
  }
  const guard = draw.one([
    'reject_unauth_destination',
    'reject_unauth_destination',
    'defer_unauth_destination',
    'reject',
    'defer',
    'permit_auth_destination, reject',
  ] as const);
  for (const [stage, percent] of [
    ['relay', 65],
    ['recipient', 75],
  ] as const) {
    if (!draw.chance(percent)) continue;
    const text = list(draw, tables, stage, 4);
    const guarded = draw.chance(60) ? [text, guard].filter(Boolean).join(', ') : text;
    settings.push([`smtpd_${stage}_restrictions`, guarded]);
  }
  if (draw.chance(20)) settings.push(['smtpd_relay_before_recipient_restrictions', draw.one(['yes', 'no'] as const)]);
  return settings;
}

/** Classes within classes, as deep as a server goes along, or a little deeper. */
function deep(draw: Draw): Setting[] {
  const depth = draw.number(94, 104);
  const names = Array.from({ length: depth }, (_, i) => `deep_${i}`);
  const end = draw.one(['permit', 'reject', 'permit_mynetworks', 'warn_if_reject reject', 'defer_if_permit'] as const);
  return [
    ['smtpd_restriction_classes', ['class_a', 'class_b', ...names].join(' ')],
    ...names.map((name, i): Setting => [name, i + 1 < depth ? `deep_${i + 1}` : end]),
    [`smtpd_${draw.one(['client', 'sender'] as const)}_restrictions`, 'deep_0'],
  ];
}
