import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** The least an SMTP client can be: says a line, waits for the reply. */
export class SmtpClient {
  #socket;
  #received = '';
  #wake = () => {};

  static async connect(port) {
    const client = new SmtpClient();
    const socket = connect({ host: '127.0.0.1', port });
    client.#listen(socket);
    await once(socket, 'connect');
    socket.setNoDelay(true);
    await client.reply();
    return client;
  }

  /** The last line of the reply. */
  async reply() {
    for (;;) {
      const last = /^(?:\d{3}-.*\r\n)*(\d{3}(?: .*)?)\r\n/.exec(this.#received);
      if (last !== null) {
        this.#received = this.#received.slice(last[0].length);
        return last[1];
      }
      if (this.#socket.destroyed) throw new Error(`the server has gone after "${this.#received}"`);
      await new Promise((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  say(line) {
    this.#socket.write(`${line}\r\n`);
    return this.reply();
  }

  async secure(certificate) {
    await this.say('STARTTLS');
    this.#socket.removeAllListeners();
    const secure = connectTls({ socket: this.#socket, rejectUnauthorized: false, ...certificate });
    this.#listen(secure);
    await once(secure, 'secureConnect');
  }

  close() {
    this.#socket.destroy();
  }

  #listen(socket) {
    this.#socket = socket;
    const wake = () => this.#wake();
    socket.on('data', (data) => {
      this.#received += data;
      wake();
    });
    for (const event of ['error', 'close']) socket.on(event, wake);
  }
}
