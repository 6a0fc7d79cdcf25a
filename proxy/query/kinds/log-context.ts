/** The neighbours of a log line. The backend writes the SQL. */
import { readQuery } from '../../../contract/queries/query';
import { AuthoredSql } from '../authored-sql';
import { contextStatement } from '../logs/context-sql';
import { type LogContextPlan } from '../query-plan';
import { type PreparedQuery, type QueryRun } from '../query-run';
import { statementQuery } from '../statement-query';

/** The statement depends only on the request. The SQL and the filters of the query are not used. */
export function logContextQuery({ request }: LogContextPlan, run: QueryRun): PreparedQuery {
  const { sql, range } = contextStatement(request);
  const { timeRange, intervalMs } = run.query;
  run.record.sqlBuilt(sql);
  return statementQuery(
    {
      sql: new AuthoredSql(sql),
      options: readQuery({ query: sql, format: 'logs', timeFilter: range !== undefined, autoLimit: false }),
      timeRange,
      sentRange: range,
      intervalMs,
      result: { kind: 'log-context' },
    },
    run
  );
}
