import { chmodSync, rmSync } from 'node:fs';
import { createServer, type ListenOptions, type Server } from 'node:net';
import type { ScenarioWorld } from './scenario.ts';

/** Answers as one of the policy services that scenarios name would (SMTPD_POLICY_README). */
export class PolicyServer {
  /** What the services of the session in progress say. */
  answers: ScenarioWorld['policy'];
  readonly #servers: readonly Server[];

  private constructor(servers: readonly Server[]) {
    this.#servers = servers;
  }

  /** `places` says where to listen, by the name of the service as the server sees it. */
  static async start(places: Readonly<Record<string, ListenOptions>>): Promise<PolicyServer> {
    const servers = Object.entries(places).map(([service, place]) => ({ service, place, server: createServer() }));
    const policy = new PolicyServer(servers.map(({ server }) => server));
    for (const { service, place, server } of servers) {
      server.on('connection', (socket) => {
        let rest = '';
        socket.on('error', () => {});
        socket.setEncoding('latin1').on('data', (text) => {
          const requests = `${rest}${text}`.split('\n\n');
          rest = requests.pop() ?? '';
          for (const request of requests) {
            const action = policy.#action(service, attributesOf(request));
            if (action === null) socket.destroy();
            else socket.write(`action=${action}\n\n`);
          }
        });
      });
      if (place.path !== undefined) rmSync(place.path, { force: true });
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(place, resolve);
      });
      if (place.path !== undefined) chmodSync(place.path, 0o666);
    }
    return policy;
  }

  stop(): void {
    for (const server of this.#servers) server.close();
  }

  #action(service: string, request: Readonly<Record<string, string>>): string | null {
    const given = this.answers?.[service];
    if (typeof given !== 'object' || given === null) return given ?? null;
    const answers = new Map(Object.entries(given).map(([about, answer]) => [about.toLowerCase(), answer]));
    for (const about of [request.recipient, request.protocol_state, '*']) {
      const answer = about === undefined || about === '' ? undefined : answers.get(about.toLowerCase());
      if (answer !== undefined) return answer;
    }
    return null;
  }
}

function attributesOf(request: string): Readonly<Record<string, string>> {
  const pairs = request.split('\n').map((line) => {
    const equals = line.indexOf('=');
    return [line.slice(0, equals), line.slice(equals + 1)] as const;
  });
  return Object.fromEntries(pairs);
}
