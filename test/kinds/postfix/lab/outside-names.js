// The name server of the world outside: answers A and MX questions (RFC 1035) from a zone given as JSON,
// {"outside.org": "192.0.2.3", …}: each name has this address, and is its own mail exchanger.
import { createSocket } from 'node:dgram';

const zone = JSON.parse(process.argv[2]);
const types = { A: 1, MX: 15 };

function answer(query) {
  const labels = [];
  let at = 12;
  for (let length = query[at]; length > 0; length = query[at]) {
    labels.push(query.subarray(at + 1, at + 1 + length).toString('latin1'));
    at += 1 + length;
  }
  const question = query.subarray(12, at + 5);
  const type = query.readUInt16BE(at + 1);
  const address = zone[labels.join('.').toLowerCase()];
  const data =
    address === undefined
      ? undefined
      : type === types.A
        ? Buffer.from(address.split('.').map(Number))
        : type === types.MX
          ? Buffer.from([0, 10, 0xc0, 12]) // preference 10, and a pointer to the name in the question
          : undefined;
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(address === undefined ? 0x8583 : 0x8580, 2); // authoritative; NXDOMAIN for strangers
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(data === undefined ? 0 : 1, 6);
  if (data === undefined) return Buffer.concat([header, question]);
  const record = Buffer.alloc(12);
  record.writeUInt16BE(0xc00c, 0);
  record.writeUInt16BE(type, 2);
  record.writeUInt16BE(1, 4);
  record.writeUInt32BE(60, 6);
  record.writeUInt16BE(data.length, 10);
  return Buffer.concat([header, question, record, data]);
}

const socket = createSocket('udp4');
socket.on('message', (query, { port, address }) => socket.send(answer(query), port, address));
socket.bind(53, '0.0.0.0', () => process.stdout.write('"listening"\n'));
