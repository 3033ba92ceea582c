import type { Origin } from '../policy/postfix/config.ts';
import type { Reasons } from '../policy/smtpd/dialogue/reasons.ts';
import type { TraceNode } from '../policy/smtpd/dialogue/trace.ts';
import type { Verdict } from '../policy/smtpd/lists/verdict.ts';
import type { Place } from '../policy/smtpd/questions/place.ts';

/** How much of the trace is shown: the elements that mattered, or every lookup. */
export type Depth = 'none' | 'mattered' | 'full';

/** One verdict for people: the reply first, then what decided, then why no permit helped. */
export function verdictText(verdict: Verdict, reasons: Reasons, nodes: readonly TraceNode[], depth: Depth): string {
  const lines = [headline(verdict, reasons)];
  for (const { place, why } of reasons.decided) {
    const by = verdict.verdict === 'reject' ? 'decided by' : 'permitted by';
    lines.push(`${by} ${placeText(place)}, ${originText(place.list, reasons)}`);
    if (why !== '') lines.push(`  because ${why}`);
  }
  const within = verdict.verdict === 'reject' ? (reasons.reply?.decidedBy.slice(1) ?? []) : [];
  for (const place of within) lines.push(`  within it ${placeText(place)}`);
  if (reasons.unhelped.length > 0 && verdict.verdict === 'reject') {
    lines.push('permits that did not help:');
    for (const { place, why } of reasons.unhelped)
      lines.push(`  ${placeText(place)}: ${why === '' ? 'does not apply' : why}`);
  }
  for (const { action, text } of verdict.effects) lines.push(`${action}: ${text}`);
  for (const warning of verdict.warnings) lines.push(`logged: warning: ${warning}`);
  if (depth !== 'none') lines.push('', ...traceLines(nodes, depth, 0));
  return `${lines.join('\n')}\n`;
}

function headline(verdict: Verdict, { reply }: Reasons): string {
  if (verdict.verdict === 'fatal') return `the server does not start: ${verdict.fatal ?? ''}`;
  if (verdict.verdict === 'unknown')
    return `unknown: the answer needs\n${verdict.missing.map((key) => `  ${key}`).join('\n')}`;
  if (reply === undefined) return `${verdict.verdict}: the connection ends without a reply`;
  const { code, enhanced, text } = reply.reply;
  if (verdict.verdict === 'reject' && code < 400) return 'reject: the connection ends without a reply';
  const codes = enhanced === '' ? String(code) : `${code} ${enhanced}`;
  if (code >= 400)
    return text
      .split('\n')
      .map((line, i, all) => (i === all.length - 1 ? `${codes} ${line}` : `${code}-${enhanced} ${line}`))
      .join('\n');
  const what = reply.recipient === undefined ? reply.stage : `<${reply.recipient}>`;
  return `${verdict.verdict}: ${codes} for ${what}`;
}

/** `smtpd_relay_restrictions[2] check_client_access hash:access`. */
export function placeText(place: Place): string {
  return `${place.list}[${place.index}] ${place.restriction}${place.argument === undefined ? '' : ` ${place.argument}`}`;
}

function originText(list: string, { origins }: Reasons): string {
  const origin = origins[list];
  return origin === undefined ? 'in an access table' : whereSet(origin);
}

/** Where a value was set: `main.cf:12`, `master.cf:5 (-o of smtp)` or `default of Postfix 2.10`. */
export function whereSet(origin: Origin): string {
  if (origin.kind === 'default') {
    const minor = origin.version.split('.').slice(0, 2).join('.');
    return `a default of Postfix ${minor} that the configuration does not set`;
  }
  const at = `${origin.where.file}:${origin.where.line}`;
  return origin.kind === 'main.cf' ? `set in ${at}` : `set in ${at} (-o of ${origin.service})`;
}

function traceLines(nodes: readonly TraceNode[], depth: Depth, indent: number): string[] {
  const pad = '  '.repeat(indent);
  return nodes.flatMap((node) => {
    const shown = depth === 'full' || node.asked.length > 0 || node.status !== 'goes on' || node.children.length > 0;
    if (!shown) return [];
    const command =
      indent > 0 ? '' : `${node.phase.toUpperCase()}${node.recipient === undefined ? '' : ` <${node.recipient}>`}: `;
    const asked = node.asked.flatMap(({ question, answer, lookups }) => [
      `${pad}  ${question}: ${answer}`,
      ...(depth === 'full'
        ? lookups.map(
            ({ table, key, value }) =>
              `${pad}    ${table} "${key}": ${value === undefined ? 'not found' : `"${value}"`}`,
          )
        : []),
    ]);
    return [
      `${pad}${command}${placeText(node.place)}: ${node.status}`,
      ...asked,
      ...traceLines(node.children, depth, indent + 1),
    ];
  });
}
