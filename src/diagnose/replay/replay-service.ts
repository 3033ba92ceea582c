import type { ServerEvidence, ServiceEvidence } from '../evidence/evidence.ts';
import type { LoggedProgram } from '../maillog/session.ts';

/**
 * The service of master.cf that wrote a line: the one whose syslog_name is the line's. Of several, and where no name
 * fits, the first, which is the one that was asked for or the one on port 25.
 */
export function serviceOf(from: LoggedProgram, { services }: ServerEvidence): ServiceEvidence {
  const name = from.service === undefined ? from.instance : `${from.instance}/${from.service}`;
  const fitting = services.filter(({ config }) => config.get('syslog_name') === name);
  const byName = services.filter((each) => from.service !== undefined && each.name === from.service);
  return fitting[0] ?? byName[0] ?? services[0];
}
