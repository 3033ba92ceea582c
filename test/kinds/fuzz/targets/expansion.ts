// biome-ignore-all lint/suspicious/noTemplateCurlyInString: main.cf writes ${name}
import { Expander } from '../../../../src/policy/postfix/expand.ts';
import { splitNameValue } from '../../../../src/policy/postfix/main-cf.ts';
import { parseVersion } from '../../../../src/policy/postfix/version.ts';
import { someVersion, type Target, textOf, texts } from '../target.ts';
import { judged } from './configuration.ts';

/** Each name holds the one before it twice. */
const doubling = (times: number): string =>
  ['a0 = 0123456789', ...Array.from({ length: times }, (_, i) => `a${i + 1} = $a${i}$a${i}`)].join('\n');

/** `$name` in all its forms, and what grows without end. */
export const expansion: Target = {
  name: '$ expansion',
  samples: () =>
    texts(
      'a = $b ${c} $(d) $$e\nb = ${c?x}${c:y}\nc = ${a1:$(b)}\nd = ${c?{$b}:{n}}\n',
      'level = 3.6\na = ${{$level} <level {3.10} ? {yes} : {no}}\nb = ${{a} == {b}}\nc = ${ a ? {$b} : {no} }\n',
      'a = ${domain_to_ascii{\u00fc\u00df.example}} ${domain_to_utf8{xn--tda.example}}\nb = ${{1} < {2} ? {$a} : {}}\n',
      'a = $b\nb = $c\nc = $a\n',
      'smtpd_recipient_restrictions = $a, reject\na = permit_mynetworks, ${b?$b,} defer\nb = ${stress?1}${stress:2}\n',
      `${doubling(12)}\nsmtpd_client_restrictions = $a12\n`,
      `${doubling(40)}\nsmtpd_client_restrictions = $a40\nsmtpd_sender_restrictions = x $a40 y\n`,
      `${doubling(22)}\nmynetworks = $a22\nsmtpd_recipient_restrictions = $a22 z\nsmtpd_banner = x$a22\nmydestination = y$a22\n`,
    ),
  async run(input, random) {
    const text = textOf(input);
    const release = someVersion(random);
    const version = parseVersion(release);
    if ('code' in version) throw new Error(version.message);
    const values = new Map<string, string>();
    for (const line of text.split('\n')) {
      const pair = splitNameValue(line);
      if (typeof pair !== 'string') values.set(pair.name, pair.value);
    }
    const expander = new Expander((name) => values.get(name), version);
    for (const value of values.values()) {
      const expanded = expander.expand(value);
      if (typeof expanded !== 'string' && expanded.fatal === '') throw new Error('fails without a word');
    }
    await judged({ version: release, mainCf: text });
  },
};
