/** A disagreement for people: the case in the form of the transcripts in test/kinds/scripts, and as a line of a batch. */
export function transcript(seed, { index, outcome, case: each, scenario, log }) {
  const { configuration, session } = each;
  const indented = (text) => text.replace(/^(?=.)/gm, '  ').trimEnd();
  const tables = Object.entries(configuration.tables).map(([path, text]) => `table ${path}:\n${indented(text)}`);
  const { client, tls, sasl } = session;
  const said = (verb, argument) => (argument === undefined ? '' : ` ${verb} ${argument}`);
  const certificate = tls?.certificate;
  const lines = [
    `# seed ${seed}, configuration ${index}`,
    `main.cf:\n${indented(scenario.mainCf)}`,
    ...(scenario.masterCf === null ? [] : [`master.cf:\n${indented(scenario.masterCf)}`]),
    ...tables,
    `session ${index}:`,
    `  client ${client.address} ${client.name} ${client.reverseName}`,
    ...(certificate ? [`  certificate ${certificate.subject} ${certificate.trusted ? 'trusted' : ''}`] : []),
    ...(sasl ? [`  login ${sasl.user} ${sasl.method}`] : []),
    `  ${session.protocol} ${session.helo ?? '-'} ${tls ? `STARTTLS ${tls.protocol}` : ''}${said('ETRN', session.etrn)}${said('VRFY', session.vrfy)} MAIL FROM:<${session.mailFrom ?? '-'}> RCPT TO:<${session.rcptTo.join('> <')}>${session.data ? ' DATA' : ''}${session.early ? ' (all at once)' : ''}`,
    `real: ${outcome.real?.join('\n      ')}`,
    `ours: ${outcome.ours?.join('\n      ')}`,
    ...log.map((line) => `log:  ${line}`),
    ...Object.entries(each.world).map(([name, value]) => `${name}: ${JSON.stringify(value)}`),
    '',
  ];
  return lines.join('\n');
}
