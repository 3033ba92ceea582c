import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must } from './timing.js';

const openssl = (folder, ...args) => must('openssl', args, { cwd: folder });

/** An authority as a careful person makes it by hand: P-256, ten years, pathlen 0. */
export function authority(folder) {
  openssl(folder, 'genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', 'ca.key');
  openssl(
    folder,
    ...['req', '-x509', '-new', '-key', 'ca.key', '-subj', '/CN=bench authority', '-days', '3650', '-out', 'ca.crt'],
    ...['-addext', 'basicConstraints=critical,CA:TRUE,pathlen:0', '-addext', 'keyUsage=critical,keyCertSign,cRLSign'],
  );
}

/** One end-entity certificate: key, request, extensions, signature, fingerprint: what a provisioning script calls. */
export function leaf(folder, name, purpose) {
  openssl(folder, 'genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', `${name}.key`);
  openssl(folder, 'req', '-new', '-key', `${name}.key`, '-subj', `/CN=${name}`, '-out', `${name}.csr`);
  writeFileSync(
    join(folder, `${name}.ext`),
    `basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=${purpose}\nsubjectAltName=DNS:${name}\n`,
  );
  openssl(
    folder,
    ...['x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '397'],
    ...['-extfile', `${name}.ext`, '-out', `${name}.crt`],
  );
  return openssl(folder, 'x509', '-in', `${name}.crt`, '-noout', '-fingerprint', '-sha1');
}
