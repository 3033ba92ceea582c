/** The parts of a session that a question can be about. Facts that depend on each other share a subject. */
export type Subject =
  | 'client address'
  /** Name and reverse name: they are found by the same two lookups. */
  | 'client name'
  | 'helo'
  | 'sender'
  | 'recipient'
  /** SASL login, TLS session and certificate: no certificate without TLS. */
  | 'credentials'
  /** A sender and the login that owns it. */
  | 'sender and login'
  | 'transaction'
  | 'etrn'
  | 'configuration';
