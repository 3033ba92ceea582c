import type { Program } from '../smtpd/start/compile.ts';
import type { Order } from './assumed.ts';
import { Exploring } from './exploring.ts';
import type { Query } from './query.ts';
import type { Exploration } from './result.ts';
import { ExploredServer } from './server.ts';
import { Unprepared } from './unprepared.ts';

/**
 * Follows every way that a session of one recipient can take through one program, or through several at once: then each
 * path has an outcome for each. The regions of the paths part the space of all ordinary sessions between them.
 *
 * The dialogue that is played is EHLO (with STARTTLS where the path has TLS), MAIL, RCPT, and DATA where a list speaks
 * there. Two things are left out: the recipients that are accepted before any list (postmaster without a domain, the
 * sender of this server's own probes), and values that are not ordinary (bad syntax, routing operators, quoted local
 * parts), which are for the simulator.
 */
export function explore(programs: readonly Program[], query: Query, order?: Order): Exploration {
  return exploreServers(
    programs.map(({ config }) => new ExploredServer(config)),
    query,
    order,
  );
}

/** The same for servers that the caller keeps, because they know afterwards which of their elements were at work. */
export function exploreServers(servers: readonly ExploredServer[], query: Query, order?: Order): Exploration {
  const [exploration] = exploreEach(servers, [query], order);
  if (exploration === undefined) throw new Error('no query');
  return exploration;
}

/** Several queries about the same servers, over lines that are cut once for all of them. */
export function exploreEach(
  servers: readonly ExploredServer[],
  queries: readonly Query[],
  order?: Order,
): readonly Exploration[] {
  for (let round = 0; ; round++) {
    const exploring = new Exploring(servers, queries, order);
    try {
      return queries.map((query) => exploring.run(query));
    } catch (error) {
      // A list in a table's right-hand side asked what nobody knew of: the lines are cut again, once for each such list.
      if (!(error instanceof Unprepared) || round > 1000) throw error;
    }
  }
}
