import { readRequest } from '../../../../src/provision/pki/request.ts';
import { inspect } from '../../../../src/x509/inspect.ts';
import { readPrivateKey } from '../../../../src/x509/private-key.ts';
import { checkProblem, refusing } from '../clear.ts';
import { type Target, textOf } from '../target.ts';
import { sampleState } from './sample-state.ts';

export const certificates: Target = {
  name: 'certificates',
  samples: (tests) => sampleState(tests).certificates,
  run(input) {
    const { certificates: found, problems } = inspect(input, 'a.pem');
    for (const problem of problems) checkProblem(problem);
    if (found.length + problems.length === 0) throw new Error('neither a certificate nor a problem');
    for (const { fingerprint } of found)
      if (!/^[0-9A-F]{2}(:[0-9A-F]{2}){31}$/.test(fingerprint.sha256)) throw new Error('no fingerprint');
  },
};

/** Made with openssl-req(1); nobody has its key any more. */
const request = `-----BEGIN CERTIFICATE REQUEST-----
MIIBEDCBtwIBADAkMQowCAYDVQQKDAF4MRYwFAYDVQQDDA1jLmV4YW1wbGUuY29t
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAExSEfyHS36uROC9jDRq6PNYiThEYi
Pn7m4Mx0YzRuvbkRzcAW4ONCx/6ZYN3rzMOEoaTQgNhLyj77OmyFm2JVpqAxMC8G
CSqGSIb3DQEJDjEiMCAwHgYDVR0RBBcwFYINYy5leGFtcGxlLmNvbYcEwAACATAK
BggqhkjOPQQDAgNIADBFAiEA+tWUOjp9SPTdQuQcHqHUjkQUaXQ35v2YsCqDB+QB
UQUCIBP/TErjSKgkVppbYuObH3+j8PrLPExSLPH7R7UD1Rsf
-----END CERTIFICATE REQUEST-----
`;

export const requests: Target = {
  name: 'certification requests',
  samples: () => {
    const [, base64 = ''] = /REQUEST-----([^-]*)/.exec(request) ?? [];
    return [Buffer.from(request), Buffer.from(base64, 'base64')];
  },
  async run(input) {
    await refusing(() => readRequest(input, 'a.csr'));
  },
};

export const keys: Target = {
  name: 'private keys',
  samples: (tests) => sampleState(tests).keys,
  async run(input) {
    await refusing(() => readPrivateKey(textOf(input), 'a.key', 'passphrase'));
  },
};
