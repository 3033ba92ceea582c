// The mail server of someone else: takes every message on port 25, and prints each as a line of JSON.
import { createServer } from 'node:net';

createServer((socket) => {
  let pending = '';
  let message = { from: '', to: [], text: '' };
  let inData = false;

  const reply = (text) => socket.write(`${text}\r\n`);
  const line = (text) => {
    if (inData) {
      if (text !== '.') {
        message.text += `${text.replace(/^\./, '')}\n`;
        return;
      }
      inData = false;
      process.stdout.write(`${JSON.stringify(message)}\n`);
      message = { from: '', to: [], text: '' };
      reply('250 2.0.0 taken');
      return;
    }
    const [, verb, argument] = /^(\w+)\s*(.*)$/.exec(text) ?? [];
    const address = /<([^>]*)>/.exec(argument ?? '')?.[1] ?? '';
    switch (verb?.toUpperCase()) {
      case 'MAIL':
        message.from = address;
        return reply('250 2.1.0 sender ok');
      case 'RCPT':
        message.to.push(address);
        return reply('250 2.1.5 recipient ok');
      case 'DATA':
        inData = true;
        return reply('354 go on');
      case 'QUIT':
        reply('221 2.0.0 bye');
        return socket.end();
      default:
        return reply('250 ok');
    }
  };
  socket.setEncoding('utf8');
  socket.on('error', () => {}); // a peer that hangs up is its own affair
  socket.on('data', (text) => {
    pending += text;
    for (let end = pending.indexOf('\n'); end >= 0; end = pending.indexOf('\n')) {
      line(pending.slice(0, end).replace(/\r$/, ''));
      pending = pending.slice(end + 1);
    }
  });
  reply('220 outside.org ESMTP');
}).listen(25, '::', () => process.stdout.write('"listening"\n'));
