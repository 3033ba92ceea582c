import { TableFailure } from '../../postfix/config.ts';
import { listCuts, readsNames } from '../../postfix/cut.ts';
import { matchResult } from '../address/matched.ts';
import type { Restriction } from '../lists/restriction.ts';
import { DUNNO, OK } from '../lists/run.ts';
import type { Site } from '../lists/scope.ts';
import type { Question } from '../questions/facts.ts';
import { interfaceWords, isInterface } from '../questions/own-address.ts';
import { yesOrNo } from '../questions/questions.ts';

/** Whether the client is in mynetworks; a broken list is a failure. */
function inMynetworks(site: Pick<Site, 'config' | 'questions'>): Question<boolean | TableFailure> {
  const networks = site.config.matchList('mynetworks');
  return site.questions.once<boolean | TableFailure>({
    subject: 'client address',
    ...(readsNames(networks) ? { besides: 'client name' } : {}),
    text: 'client in mynetworks',
    literal: ({ peer }, trail) => matchResult(networks.matchClient(peer.name, peer.address, peer), trail),
    cuts: () => listCuts([networks]),
    say: (answer, session) =>
      answer instanceof TableFailure
        ? 'mynetworks cannot be read'
        : answer
          ? `${session.peer.address} is in mynetworks`
          : `${session.peer.address} is not in mynetworks`,
  });
}

/** Permits by the client's address. */
export const networks: readonly Restriction[] = [
  {
    name: 'permit_mynetworks',
    since: '2.9',
    doc: 'Permit a client in mynetworks.',
    compile(site) {
      const question = inMynetworks(site);
      return (run) => {
        const answer = run.ask(question);
        if (answer === true) return OK;
        return answer === false ? DUNNO : run.lookupFailure(site.scope.name(run.session));
      };
    },
  },
  {
    name: 'permit_inet_interfaces',
    since: '2.9',
    doc: "Permit a client with one of the server's own addresses.",
    compile(site) {
      const question = site.questions.once({
        subject: 'client address',
        text: 'client in inet_interfaces',
        literal: (session, trail) => isInterface(site.config, session.peer.address, trail, ['inet_interfaces']),
        cuts: () => [{ keys: interfaceWords(site.config) }],
        say: yesOrNo,
      });
      return (run) => (run.ask(question) ? OK : DUNNO);
    },
  },
];
