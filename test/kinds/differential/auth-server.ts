import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';

/** Says yes to every login, in the words of Dovecot's authentication protocol; the password is not looked at. */
export class AuthServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(path: string): Promise<AuthServer> {
    rmSync(path, { force: true });
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.write(
        'VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nMECH\tANONYMOUS\tanonymous\nSPID\t1\nCUID\t1\nCOOKIE\t00\nDONE\n',
      );
      let rest = '';
      socket.setEncoding('latin1').on('data', (text) => {
        const lines = `${rest}${text}`.split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          const [command, id, , ...fields] = line.split('\t');
          if (command !== 'AUTH') continue;
          const given = fields.find((field) => field.startsWith('resp='))?.slice(5) ?? '';
          const parts = Buffer.from(given, 'base64').toString('latin1').split('\0');
          socket.write(`OK\t${id}\tuser=${parts.length > 1 ? parts[1] : parts[0]}\n`);
        }
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
    chmodSync(path, 0o666);
    return new AuthServer(server);
  }

  stop(): void {
    this.#server.close();
  }
}
