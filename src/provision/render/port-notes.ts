/** What the port on which clients arrive asks of the server's master.cf, a comment line each; none for 25. */
export function portNotes(port: number): readonly string[] {
  if (port === 25) return [];
  if (port === 587) {
    return [
      'Clients come to port 587. Its entry in master.cf (submission) often has restriction',
      'lists of its own (-o), which hide those below: add permit_tls_clientcerts there.',
    ];
  }
  if (port === 465) {
    return [
      'Clients come to port 465. Its entry in master.cf (smtps, or submissions) needs',
      '-o smtpd_tls_wrappermode=yes, and restriction lists there (-o) hide those below.',
    ];
  }
  return [`Clients come to port ${port}: master.cf needs an entry for it, such as`, `${port} inet n - y - - smtpd`];
}
