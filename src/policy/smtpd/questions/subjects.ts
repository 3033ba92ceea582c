/** The parts of a session that a question can be about. Facts that depend on each other share a subject. */
export type Subject =
  | 'client address'
  /** Name and reverse name: they are found by the same two lookups. */
  | 'client name'
  | 'helo'
  | 'sender'
  | 'recipient'
  /** TLS and the fingerprint of the certificate: no certificate without TLS. */
  | 'certificate'
  /** The fingerprint of the public key, of those who have a certificate. */
  | 'public key'
  /** The SASL login. */
  | 'login'
  | 'transaction'
  | 'etrn'
  | 'configuration';
