import type { PostfixConfig } from '../../postfix/config.ts';
import { TableFailure } from '../../postfix/config.ts';
import { atLeast, type Version } from '../../postfix/version.ts';
import { Maps } from '../address/maps.ts';
import type { Run } from '../lists/run.ts';
import type { Reply } from './reply.ts';
import { attributeOf } from './reply-attributes.ts';
import { fillTemplate, filterCharacters } from './reply-template.ts';

/** What is done to every 4xx and 5xx reply before the client sees it (postconf(5)). */
export class ReplyWriter {
  private readonly version: Version;
  private readonly server: string;
  private readonly allowed: ReadonlySet<string>;
  private readonly footer: string;
  private readonly footers: Maps | undefined;
  private readonly filters: Maps | undefined;
  /** Nothing is done to any reply. */
  readonly idle: boolean;

  constructor(config: PostfixConfig) {
    const { version } = config;
    this.version = version;
    this.server = config.get('myhostname');
    this.allowed = filterCharacters(config.get('smtpd_expansion_filter'));
    this.footer = config.get('smtpd_reject_footer');
    this.footers = atLeast(version, '3.4') ? mapsOf(config, 'smtpd_reject_footer_maps') : undefined;
    this.filters = atLeast(version, '3.11') ? mapsOf(config, 'smtpd_reject_filter_maps') : undefined;
    this.idle = this.footer === '' && this.footers === undefined && this.filters === undefined;
  }

  write(reply: Reply, run: Run): Reply {
    const filtered = this.filtered(reply, run);
    const found = this.footers?.find(line(filtered), run.trail);
    const footer = typeof found === 'string' ? found : this.footer;
    return footer === '' ? filtered : this.withFooter(filtered, footer, run);
  }

  /** smtpd_reject_filter_maps: another reply in place of this one. */
  private filtered(reply: Reply, run: Run): Reply {
    const found = this.filters?.find(line(reply), run.trail);
    if (found === undefined || found instanceof TableFailure) return reply;
    const match = /^([45])(\d\d)[ -](?:([245])(\.\d{1,3}\.\d{1,3})(?: |$))?([\s\S]*)$/.exec(found);
    const [, digit = '', rest = '', family, detail = '', text = ''] = match ?? [];
    // A status has to be of the code's class (RFC 3463, section 2).
    if (match === null || (family !== undefined && family !== digit)) {
      run.warn(`ignoring invalid reject filter result: ${found}`);
      return reply;
    }
    // A dash begins a reply of several lines, and here the others are missing: what a client makes of it is its own affair.
    if (found.charAt(3) === '-') run.trail.giveUp(`reply without a last line: ${found}`);
    return { code: Number(digit + rest), enhanced: family === undefined ? '' : family + detail, text };
  }

  /** `\c` joins the footer to the last line (from 2.10 on), `\n` starts another line with the same codes. */
  private withFooter(reply: Reply, footer: string, run: Run): Reply {
    const joined = footer.startsWith('\\c') && atLeast(this.version, '2.10');
    const lines: string[] = [];
    for (const template of (joined ? footer.slice(2) : footer).split('\\n')) {
      const lookUp = (name: string) => attributeOf(name, run, this.server);
      const filled = fillTemplate(template, lookUp, this.allowed, this.version);
      // A name that is none stands for nothing.
      if ('error' in filled) {
        run.warn(`bad reply footer template: ${template}`);
        return reply;
      }
      lines.push(filled.text);
    }
    const text = lines.join('\n');
    return { code: reply.code, enhanced: reply.enhanced, text: joined ? reply.text + text : `${reply.text}\n${text}` };
  }
}

function mapsOf(config: PostfixConfig, parameter: string): Maps | undefined {
  const maps = new Maps(config, parameter);
  return maps.empty ? undefined : maps;
}

/** The reply as it goes over the wire: what the maps are asked about. */
function line({ code, enhanced, text }: Reply): string {
  return [String(code), enhanced, text].filter((part) => part !== '').join(' ');
}
