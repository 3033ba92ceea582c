// tsyringe, below @peculiar/x509, refuses to load before the Reflect polyfill. Modules are evaluated in import order,
// so everybody takes x509 from here and nobody has to remember that.
import 'reflect-metadata';
import { Crypto } from '@peculiar/webcrypto';
import * as x509 from '@peculiar/x509';

const provider = new Crypto();
x509.cryptoProvider.set(provider);

/** WebCrypto for key generation and signing. */
export const subtle = provider.subtle;
export { x509 };
