import type { PostfixConfig } from '../../postfix/config.ts';
import { isDotString } from './quote.ts';

/** How incomplete addresses are completed; trivial-rewrite(8), local context. */
export interface RewriteSettings {
  readonly swapBangPath: boolean;
  readonly percentHack: boolean;
  /** Empty: append_at_myorigin is off. */
  readonly origin: string;
  /** Empty: append_dot_mydomain is off. */
  readonly domain: string;
}

/** Those of a configuration, which is to be trivial-rewrite's. */
export function rewriteSettings(config: PostfixConfig): RewriteSettings {
  return {
    swapBangPath: config.boolean('swap_bangpath'),
    percentHack: config.boolean('allow_percent_hack'),
    origin: config.boolean('append_at_myorigin') ? config.get('myorigin') : '',
    domain: config.boolean('append_dot_mydomain') ? config.get('mydomain') : '',
  };
}

/**
 * An address in parts. `quoted`: the local part was quoted, so that operators in it are not seen.
 * `domain` is undefined without a `@`, and may be empty after one.
 */
export interface Parts {
  readonly local: string;
  readonly quoted: boolean;
  readonly domain: string | undefined;
}

/** Parts of an address in internal form; all `@` but the last belong to the local part. */
export function partsOf(text: string): Parts {
  const at = text.lastIndexOf('@');
  const local = at < 0 ? text : text.slice(0, at);
  return { local, quoted: local !== '' && !isDotString(local), domain: at < 0 ? undefined : text.slice(at + 1) };
}

/** Swaps `host!user`, turns the last `%` into `@`, appends $myorigin and $mydomain, drops one trailing dot. */
export function rewrite(parts: Parts, settings: RewriteSettings): Parts {
  if (parts.local === '' && !parts.quoted && (parts.domain === undefined || parts.domain === '')) {
    return { local: '', quoted: false, domain: undefined };
  }
  const complete = parts.domain === undefined ? withDomain(parts, settings) : parts;
  return finishDomain(complete, settings);
}

function withDomain(parts: Parts, settings: RewriteSettings): Parts {
  const { local, quoted } = parts;
  if (!quoted) {
    const bang = settings.swapBangPath ? local.indexOf('!') : -1;
    if (bang >= 0) return { local: local.slice(bang + 1), quoted: false, domain: local.slice(0, bang) };
    const percent = settings.percentHack ? local.lastIndexOf('%') : -1;
    if (percent >= 0) return { local: local.slice(0, percent), quoted: false, domain: local.slice(percent + 1) };
  }
  return settings.origin === '' ? parts : { local, quoted, domain: settings.origin };
}

function finishDomain(parts: Parts, settings: RewriteSettings): Parts {
  const { domain } = parts;
  if (domain === undefined || domain === '') return parts;
  let full = domain;
  if (settings.domain !== '' && !full.startsWith('[') && !full.includes('.')) full = `${full}.${settings.domain}`;
  if (full.length > 1 && full.endsWith('.') && !full.endsWith('..')) full = full.slice(0, -1);
  return full === domain ? parts : { local: parts.local, quoted: parts.quoted, domain: full };
}
