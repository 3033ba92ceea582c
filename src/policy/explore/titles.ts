/** What lets in, in words, by the question that decided; the rest is named as the question is. */
const titles: readonly (readonly [pattern: RegExp, title: string])[] = [
  [/^relay_clientcerts\[certificate fingerprint\]$/, 'TLS client certificate listed in relay_clientcerts'],
  [
    /^relay_clientcerts\[public key fingerprint\]$/,
    'public key of a TLS client certificate listed in relay_clientcerts',
  ],
  [/^client certificate$/, 'TLS client certificate that verifies'],
  [/^SASL login$/, 'SASL login'],
  [/^client in mynetworks$/, 'client address in mynetworks'],
  [/^client in inet_interfaces$/, "one of the server's own addresses"],
  [/^client in relay_domains$/, 'client name in relay_domains'],
  [/^destination$/, 'recipient that this server delivers or relays for'],
  [/^backup mail server of the recipient$/, 'recipient whose domain names this server as a backup'],
  [/^(.+)\[certificate fingerprint\]$/s, 'TLS client certificate listed in $1'],
  [/^(.+)\[public key fingerprint\]$/s, 'public key of a TLS client certificate listed in $1'],
  [/^(.+)\[SASL login\]$/s, 'SASL login listed in $1'],
  [/^(.+)\[(reverse )?client name, by itself\]$/s, '$2client name listed in $1'],
  [/^(.+)\[client address\]$/s, 'client address listed in $1'],
  [/^(.+)\[helo\]$/s, 'helo name listed in $1'],
  [/^(.+)\[sender\]$/s, 'sender listed in $1'],
  [/^(.+)\[recipient\]$/s, 'recipient listed in $1'],
  [/^(.+)\[(client address|client name)\]$/s, '$2 in the list $1'],
];

/** Whom an element lets in by the answer to a question, in words. */
export function titleOf(question: string): string {
  for (const [pattern, title] of titles) if (pattern.test(question)) return question.replace(pattern, title);
  return question;
}
