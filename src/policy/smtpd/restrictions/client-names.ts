import { atLeast } from '../../postfix/version.ts';
import type { Restriction } from '../lists/restriction.ts';
import { DUNNO } from '../lists/run.ts';

/** Refusals of clients whose names cannot be found. */
export const clientNames: readonly Restriction[] = [
  {
    name: 'reject_unknown_client_hostname',
    aliases: ['reject_unknown_client'],
    since: '2.9',
    doc: 'Refuse a client without a verified name.',
    compile(site) {
      const code = site.config.integer('unknown_client_reject_code');
      const dsn = atLeast(site.config.version, '3.0') ? '4.7.25' : '4.7.1';
      const status = site.questions.once({
        subject: 'client name',
        text: 'client name found',
        literal: (session) => session.peer.nameStatus,
        say: (answer) => answer,
      });
      return (run) => {
        const answer = run.ask(status);
        if (answer === 'ok') return DUNNO;
        const text = `Client host rejected: cannot find your hostname, [${run.session.peer.address}]`;
        return run.reject('policy', answer === 'temporary' ? 450 : code, dsn, text);
      };
    },
  },
  {
    name: 'reject_unknown_reverse_client_hostname',
    since: '2.9',
    doc: 'Refuse a client whose address has no name.',
    compile(site) {
      const code = site.config.integer('unknown_client_reject_code');
      const status = site.questions.once({
        subject: 'client name',
        text: 'reverse client name found',
        literal: (session) => session.peer.reverseNameStatus,
        say: (answer) => answer,
      });
      return (run) => {
        const answer = run.ask(status);
        if (answer === 'ok') return DUNNO;
        const text = `Client host rejected: cannot find your reverse hostname, [${run.session.peer.address}]`;
        return run.reject('policy', answer === 'none' ? code : 450, '4.7.1', text);
      };
    },
  },
];
