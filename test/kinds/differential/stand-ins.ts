import { ground } from './enclosure.ts';
import { PolicyServer } from './policy-server.ts';
import { type Attributes, startPostfixService } from './postfix-service.ts';
import type { ScenarioWorld } from './scenario.ts';

/** The policy services that scenarios may name, by the name that main.cf uses. */
export const policyServices = ['inet:127.0.0.1:10023', 'inet:127.0.0.1:10024', 'unix:private/lab-policy'] as const;

/** Codes of verify(8). */
const statusCodes: Readonly<Record<string, string>> = {
  deliverable: '0',
  deferred: '1',
  undeliverable: '2',
  pending: '3',
};
/** A status below zero as it goes over the wire: the server could not do what it was asked. */
const failed = '4294967295';

/** Those whom smtpd(8) asks while it judges a session, as far as they are not real. */
export class StandIns {
  readonly #policy: PolicyServer;
  #verify: Readonly<Record<string, string>> = {};

  private constructor(policy: PolicyServer) {
    this.#policy = policy;
  }

  /** `announces`: from 3.6 on a server says which protocol it speaks. */
  static async start(announces: boolean): Promise<StandIns> {
    const [first, second, local] = policyServices;
    const standIns = new StandIns(
      await PolicyServer.start({
        [first]: { host: '127.0.0.1', port: 10023 },
        [second]: { host: '127.0.0.1', port: 10024 },
        [local]: { path: `${ground}/spool/private/lab-policy` },
      }),
    );
    await startPostfixService({
      path: `${ground}/spool/private/verify`,
      // So it is spelt.
      protocol: announces ? 'address_verification_prrotocol' : undefined,
      answer: (request) => standIns.#status(request),
    });
    await startPostfixService({
      path: `${ground}/spool/public/flush`,
      protocol: announces ? 'queue_flush_protocol' : undefined,
      answer: () => ({ status: '0' }),
    });
    return standIns;
  }

  set world({ policy, verify = {} }: ScenarioWorld) {
    this.#policy.answers = policy;
    this.#verify = Object.fromEntries(Object.entries(verify).map(([address, text]) => [address.toLowerCase(), text]));
  }

  #status({ address = '' }: Attributes): Attributes {
    const given = this.#verify[address.toLowerCase()] ?? 'failed';
    const [word = ''] = given.split(' ', 1);
    const code = statusCodes[word];
    if (code === undefined) return { status: failed, recipient_status: '0', reason: '' };
    const reason = given.slice(word.length + 1);
    const words = reason === '' && word === 'pending' ? 'Address verification in progress' : reason;
    return { status: '0', recipient_status: code, reason: words };
  }
}
