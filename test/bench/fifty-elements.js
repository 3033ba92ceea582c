/** A configuration as a busy server has grown it: fifty elements in six lists and four classes, over six tables. */
export const fiftyElements = `
smtpd_helo_required = yes
mydestination = $myhostname localhost.$mydomain localhost hash:/etc/postfix/destinations
relay_domains = hash:/etc/postfix/relay_domains
mynetworks = 127.0.0.0/8 [::1]/128 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 !198.51.100.128/25 198.51.100.0/24
smtpd_restriction_classes = trusted, careful, strict, partners
trusted = permit_mynetworks, permit_sasl_authenticated, permit_tls_clientcerts
careful = reject_non_fqdn_sender, reject_unlisted_sender, check_sender_access hash:/etc/postfix/senders, check_helo_access hash:/etc/postfix/helos
strict = reject_invalid_helo_hostname, reject_non_fqdn_helo_hostname, check_client_access cidr:/etc/postfix/networks, careful
partners = check_client_access hash:/etc/postfix/clients, check_reverse_client_hostname_access hash:/etc/postfix/clients, careful
smtpd_client_restrictions = permit_mynetworks, permit_sasl_authenticated, check_client_access hash:/etc/postfix/clients, check_client_access cidr:/etc/postfix/networks, check_ccert_access hash:/etc/postfix/ccerts, reject_unauth_pipelining
smtpd_helo_restrictions = trusted, reject_invalid_helo_hostname, reject_non_fqdn_helo_hostname, check_helo_access hash:/etc/postfix/helos, warn_if_reject reject_non_fqdn_sender
smtpd_sender_restrictions = trusted, careful, reject_non_fqdn_sender, check_sender_access hash:/etc/postfix/senders, check_sender_access hash:/etc/postfix/domains
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, permit_tls_clientcerts, defer_unauth_destination
smtpd_recipient_restrictions = strict, partners, reject_non_fqdn_recipient, reject_unlisted_recipient, check_recipient_access hash:/etc/postfix/domains, check_recipient_access hash:/etc/postfix/senders, permit_auth_destination, permit_tls_clientcerts, reject
smtpd_data_restrictions = reject_multi_recipient_bounce, reject_unauth_pipelining
`;

const lines = (entries, line) => `${Array.from({ length: entries }, (_, index) => line(index)).join('\n')}\n`;

/** Its tables, of so many entries each; few of them are about a session of the bench. */
export const fiftyTables = (entries) => ({
  '/etc/postfix/destinations': lines(10, (index) => `own${index}.example x`),
  '/etc/postfix/relay_domains': lines(100, (index) => `inside${index}.example x`),
  '/etc/postfix/clients': lines(
    entries,
    (index) => `host${index}.partner.example ${index % 2 === 0 ? 'OK' : 'careful'}`,
  ),
  '/etc/postfix/networks': lines(
    entries,
    (index) => `100.${64 + (index >> 8)}.${index & 255}.0/24 REJECT no mail from there`,
  ),
  '/etc/postfix/helos': lines(entries, (index) => `host${index}.helo.example REJECT`),
  '/etc/postfix/senders': lines(
    entries,
    (index) => `user${index}@sender.example ${index % 2 === 0 ? 'OK' : '450 4.7.1 later'}`,
  ),
  '/etc/postfix/domains': lines(entries, (index) => `domain${index}.example DUNNO`),
  '/etc/postfix/ccerts': lines(
    entries,
    (index) => `${index.toString(16).padStart(64, '0').toUpperCase().match(/../g)?.join(':')} OK`,
  ),
});
