/** A client's certificate as a scenario says it. */
export interface ScenarioCertificate {
  /** In the pool, by name. */
  readonly name?: string;
  readonly trusted: boolean;
  readonly subject: string;
  readonly issuer: string;
  readonly fingerprint: Readonly<Record<string, string>>;
  readonly publicKeyFingerprint: Readonly<Record<string, string>>;
}

/** What a client does in one session, in the form of the batch. */
export interface ScenarioSession {
  readonly client: { readonly address: string; readonly name: string; readonly reverseName: string };
  readonly helo?: string;
  readonly protocol: 'SMTP' | 'ESMTP';
  readonly tls: { readonly protocol: string; readonly certificate: ScenarioCertificate | null } | null;
  readonly sasl: { readonly user: string; readonly method: string } | null;
  /** Sent before MAIL, where they are there. */
  readonly etrn?: string;
  readonly vrfy?: string;
  /** The client says everything at once and waits for nothing. */
  readonly early?: boolean;
  readonly mailFrom?: string;
  readonly rcptTo: readonly string[];
  readonly data: boolean;
}

/** By `name/TYPE` records, or a word for a failure. */
export type Records = Readonly<Record<string, readonly string[] | string>>;

/** What everybody else would say in a session, each as a scenario has it. */
export interface ScenarioWorld {
  readonly dns: Records;
  /** By policy service an action, null for none, or such by recipient, protocol state or `*`. */
  readonly policy?: Readonly<Record<string, string | null | Readonly<Record<string, string | null>>>>;
  /** By address a status of verify(8), with the reason behind it. */
  readonly verify?: Readonly<Record<string, string>>;
}

/** One configuration with all its tables; what several sessions are played to. */
export interface Configuration {
  /** In the order of the file; a name may come twice. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /** What master.cf overrides for the service. */
  readonly overrides: readonly (readonly [name: string, value: string])[];
  readonly tables: Readonly<Record<string, string>>;
}

/** One session with one configuration. */
export interface Case {
  readonly configuration: Configuration;
  readonly session: ScenarioSession;
  readonly world: ScenarioWorld;
}

/** The text of main.cf. */
export function mainCfText({ parameters }: Configuration): string {
  return parameters.map(([name, value]) => `${name} =${value === '' ? '' : ` ${value}`}\n`).join('');
}

/** master.cf with the one service; null when it overrides nothing. */
export function masterCfText({ overrides }: Configuration): string | null {
  if (overrides.length === 0) return null;
  const options = overrides.map(([name, value]) =>
    /^[^\s{}]+$/.test(value) ? `  -o ${name}=${value}` : value === '' ? `  -o ${name}=` : `  -o { ${name} = ${value} }`,
  );
  return `${['smtp inet n - n - - smtpd', ...options].join('\n')}\n`;
}

/** A line of the batch. */
export function scenarioOf(
  { configuration, session, world }: Case,
  version: string,
): Readonly<Record<string, unknown>> {
  return {
    postfix: version,
    mainCf: mainCfText(configuration),
    masterCf: masterCfText(configuration),
    service: 'smtp',
    tables: configuration.tables,
    ...world,
    session,
  };
}
