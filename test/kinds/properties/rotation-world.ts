import { X509Certificate } from 'node:crypto';
import { Station } from '../../provision/rotation/station.ts';

interface OnServer {
  readonly fingerprints: ReadonlySet<string>;
  readonly digest: 'sha1' | 'sha256';
  readonly certificate: X509Certificate;
}

interface OnClient {
  readonly certificate: X509Certificate;
  readonly bundle: readonly X509Certificate[];
}

const certificatesOf = (text: string) =>
  [...text.matchAll(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)].map(
    ([pem]) => new X509Certificate(pem),
  );

/**
 * The hosts as they are out there: each has what was copied to it last, which is not what lies in the folders now. Which client
 * gets through to which server is worked out from that alone, as Postfix would.
 */
export class World {
  readonly station = new Station();
  private readonly servers = new Map<string, OnServer>();
  private readonly clients = new Map<string, OnClient>();
  /** Pairs that have worked once, and must go on working. */
  private readonly working = new Set<string>();

  /** Copies a host's folder to the host and runs its install.sh, so to speak. */
  copy(host: string, role: 'server' | 'client'): void {
    const read = (file: string) => this.station.read('hosts', host, file);
    const certificate = new X509Certificate(read(`${host}.crt`));
    if (role === 'client') {
      this.clients.set(host, { certificate, bundle: certificatesOf(read('cacert.pem')) });
      return;
    }
    const digest = /^smtpd_tls_fingerprint_digest = sha256$/m.test(read('main.cf')) ? 'sha256' : 'sha1';
    this.servers.set(host, { certificate, digest, fingerprints: new Set(this.station.map(host).fingerprints) });
  }

  /** A host that was removed is nobody's concern any more. */
  forget(host: string): void {
    this.servers.delete(host);
    this.clients.delete(host);
    for (const pair of [...this.working]) if (pair.split(' ').includes(host)) this.working.delete(pair);
  }

  isLetIn(client: string, server: string): boolean {
    const here = this.clients.get(client);
    const there = this.servers.get(server);
    if (here === undefined || there === undefined) return false;
    const { fingerprint, fingerprint256 } = here.certificate;
    const isListed = there.fingerprints.has(there.digest === 'sha1' ? fingerprint : fingerprint256);
    return isListed && here.bundle.some((authority) => there.certificate.verify(authority.publicKey));
  }

  /** Clients that got through before and do not now; none, if rotation keeps its promise. */
  broken(): readonly string[] {
    const broken: string[] = [];
    for (const client of this.clients.keys()) {
      for (const server of this.servers.keys()) {
        const pair = `${client} ${server}`;
        if (this.isLetIn(client, server)) this.working.add(pair);
        else if (this.working.has(pair)) broken.push(pair);
      }
    }
    return broken;
  }

  get pairs(): number {
    return this.working.size;
  }
}
