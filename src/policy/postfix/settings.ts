import { CertrelayError, type Problem } from '../../lib/problem.ts';
import type { Origin } from './config.ts';
import { Expander, longestExpansion } from './expand.ts';
import {
  type HostDefaults,
  hostDefaults,
  hostNameAssumption,
  knowsNotAllNetworks,
  loopbackNetworks,
  networksAssumption,
} from './host-defaults.ts';
import { loadedBefore } from './load-order.ts';
import type { MainCf } from './main-cf.ts';
import type { Service } from './master-cf.ts';
import { knownParameters, type Parameter } from './parameters.ts';
import type { Version } from './version.ts';

/** A value, or the warnings and the last line of a program that cannot have it. */
export type Value = { readonly text: string } | { readonly warnings: readonly string[]; readonly fatal: string };

/**
 * Parameter values by name: what -o says, else main.cf, else the release's default. Values are expanded when asked
 * for, and kept.
 */
export class Settings {
  readonly version: Version;
  readonly known: ReadonlyMap<string, Parameter>;
  private readonly mainCf: MainCf;
  private readonly service: Service | undefined;
  private readonly overrides = new Map<string, Service['overrides'][number]>();
  private readonly longest: number;
  private readonly everything: Expander;
  private readonly values = new Map<string, Value>();
  private host: HostDefaults | undefined;

  constructor(version: Version, mainCf: MainCf, service: Service | undefined) {
    this.version = version;
    this.mainCf = mainCf;
    this.service = service;
    this.known = knownParameters(version);
    for (const override of service?.overrides ?? []) this.overrides.set(override.name, override);
    // Lists of a hundred thousand networks are written down, and may be named once or twice.
    let longest = longestExpansion;
    for (const { value } of mainCf.definitions.values()) longest += 4 * value.length;
    for (const { value } of this.overrides.values()) longest += 4 * value.length;
    this.longest = longest;
    this.everything = new Expander((name) => this.set(name) ?? this.fallback(name, false), version, longest);
  }

  /** As other programs see them, which know nothing of what master.cf overrides for this service. */
  withoutOverrides(): Settings {
    return this.overrides.size === 0 ? this : new Settings(this.version, this.mainCf, undefined);
  }

  /** The text main.cf or -o gives a name, unexpanded; undefined when neither does. */
  set(name: string): string | undefined {
    return (this.overrides.get(name) ?? this.mainCf.definitions.get(name))?.value;
  }

  /** The unexpanded text in force. */
  raw(name: string): string {
    return this.set(name) ?? this.fallback(name, false) ?? '';
  }

  /** The expanded value, or why there is none. */
  value(name: string): Value {
    const before = this.values.get(name);
    if (before !== undefined) return before;
    const parameter = this.known.get(name);
    const text = this.raw(name);
    const expanded = parameter?.kind === 'raw' ? text : this.expanderOf(parameter).expand(text);
    if (typeof expanded !== 'string' && expanded.tooLong === true) {
      throw new CertrelayError('usage', {
        code: 'expansion-too-long',
        message: `the value of ${name} is too long once expanded: ${expanded.fatal}`,
        ...this.where(name),
      });
    }
    const value = typeof expanded === 'string' ? { text: expanded } : expanded;
    this.values.set(name, value);
    return value;
  }

  /** The expanded value; empty when it cannot be expanded, in which case the server does not start anyway. */
  text(name: string): string {
    const value = this.value(name);
    return 'text' in value ? value.text : '';
  }

  origin(name: string): Origin {
    const override = this.overrides.get(name);
    if (override !== undefined && this.service !== undefined) {
      return { kind: 'master.cf', service: this.service.name, where: override.where };
    }
    const definition = this.mainCf.definitions.get(name);
    return definition === undefined
      ? { kind: 'default', version: this.version.text }
      : { kind: 'main.cf', where: definition.where };
  }

  private where(name: string): { readonly where?: Problem['where'] & {} } {
    const origin = this.origin(name);
    return origin.kind === 'default' ? {} : { where: origin.where };
  }

  /** How a parameter's value is expanded; undefined stands for names that are no parameters. */
  private expanderOf(reader: Parameter | undefined): Expander {
    if (reader?.smtpd === false) return this.everything;
    // smtpd knows the defaults of its own parameters only, not before it has loaded them, and then expanded.
    const known = (name: string) => {
      const parameter = this.known.get(name);
      return parameter?.smtpd === true && loadedBefore(parameter, reader) ? this.text(name) : undefined;
    };
    return new Expander((name) => this.set(name) ?? known(name), this.version, this.longest);
  }

  private fallback(name: string, serverOnly: boolean): string | undefined {
    const parameter = this.known.get(name);
    if (parameter === undefined || (serverOnly && !parameter.smtpd)) return undefined;
    if (parameter.fallback !== undefined) return parameter.fallback;
    if (name === 'myhostname' || name === 'mydomain') return this.hostDefaults()[name];
    if (name === 'mynetworks') return loopbackNetworks(this.text('mynetworks_style'), this.text('inet_protocols'));
    return undefined;
  }

  private hostDefaults(): HostDefaults {
    if (this.host !== undefined) return this.host;
    const set: { myhostname?: string; mydomain?: string } = {};
    // The two are worked out before anything else: a reference to one that is not set is empty here.
    const early = new Expander((name) => {
      const isHost = name === 'myhostname' || name === 'mydomain' || name === 'mynetworks';
      return this.set(name) ?? (isHost ? undefined : this.fallback(name, true));
    }, this.version);
    for (const name of ['myhostname', 'mydomain'] as const) {
      const text = this.set(name);
      const expanded = text === undefined ? undefined : early.expand(text);
      if (typeof expanded === 'string') set[name] = expanded;
    }
    this.host = hostDefaults(set);
    return this.host;
  }

  /** True when mynetworks is a default that holds more than the files can say. */
  networksUnknown(): boolean {
    return (
      this.set('mynetworks') === undefined &&
      knowsNotAllNetworks(this.text('mynetworks_style'), this.text('inet_interfaces'))
    );
  }

  assumptions(): readonly Problem[] {
    const found: Problem[] = [];
    if (this.set('myhostname') === undefined) found.push(hostNameAssumption(this.text('myhostname')));
    if (this.networksUnknown()) found.push(networksAssumption(this.text('mynetworks_style')));
    return found;
  }
}
