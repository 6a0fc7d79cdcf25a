/**
 * The stages of a query, from Grafana's request to frames:
 *
 * 1. `boundedQuery` and `planOf` check the request and the saved model, and choose the plan of the query
 *    (query-plan.ts).
 * 2. The file in kinds/ that belongs to the kind of the plan writes the SQL: it inserts the filters, then makes its own
 *    changes. `statementQuery` expands the macros (statement-query.ts).
 * 3. `readFrames` or `readParts` sends the statements, or gets the result of another query, and converts the messages
 *    to frames as they arrive (results/read-result.ts). `instance.execute` checks that each statement is read-only.
 * 4. The record reports the query to metrics, log, trace and panel (query-record.ts).
 *
 * In stages 2 and 3, views write and send their own statements (kinds/views.ts).
 *
 * The handlers call `prepareQuery` for stages 1 and 2. It returns an object with the functions `frames` and `parts`.
 * The handlers then call one of these functions for the other stages.
 */
import { type Caller, callerOf } from './caller';
import { logContextQuery } from './kinds/log-context';
import { logPageQuery } from './kinds/log-page';
import { logPatternsQuery } from './kinds/log-patterns';
import { logVolumeQuery } from './kinds/log-volume';
import { sqlQuery } from './kinds/sql';
import { tailQuery } from './kinds/tail';
import { viewQuery } from './kinds/views';
import { planOf, type QueryPlan } from './query-plan';
import { type PreparedQuery, type QueryRun, type RequestedQuery } from './query-run';
import { boundedQuery } from './request-bounds';

const EMPTY: PreparedQuery = {
  frames: () => Promise.resolve({ frames: [], rows: 0, bytes: 0, truncated: false }),
  async *parts() {
    // An empty plan has no frames.
  },
};

/**
 * Checks a query and writes its SQL. The returned query is sent when `frames` or `parts` is called.
 *
 * @param requested The query as Grafana sent it.
 * @throws {ProxyError} If the query cannot run, and errors of the calls that read columns for the query.
 */
export async function prepareQuery(requested: RequestedQuery): Promise<PreparedQuery> {
  const query = boundedQuery(requested.query);
  const plan = planOf(query, requested.request);
  const caller = callerOfStatements(plan, requested);
  requested.record.planned(plan, caller);
  return kindOf(plan, { ...requested, query, caller });
}

function callerOfStatements({ purpose }: QueryPlan, { instance, request, record }: RequestedQuery): Caller {
  const caller = callerOf(request.context.user, request.headers, purpose);
  const session = instance.settings.attribution === 'off' ? undefined : record.session;
  return { ...caller, origin: { ...caller.origin, session } };
}

function kindOf(plan: QueryPlan, run: QueryRun): PreparedQuery | Promise<PreparedQuery> {
  switch (plan.type) {
    case 'empty':
      return EMPTY;
    case 'sql':
      return sqlQuery(plan, run);
    case 'log-volume':
      return logVolumeQuery(plan, run);
    case 'log-patterns':
      return logPatternsQuery(plan, run);
    case 'log-page':
      return logPageQuery(plan, run);
    case 'tail':
      return tailQuery(plan, run);
    case 'log-context':
      return logContextQuery(plan, run);
    case 'view':
      return viewQuery(plan, run);
  }
}
