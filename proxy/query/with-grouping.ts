/** Groups the result of a query by the keys that the viewer chose, before macros are expanded. */
import { applyEdits } from '../../contract/sql/sql-edits';
import { ProxyError } from '../base/errors/proxy-error';
import { noGroupingNotice } from '../sql/edit/insert-grouping';
import { type FilteredSql, sourceColumns } from './with-filters';
import { type SqlPlan } from './query-plan';
import { parse, type QueryRun } from './query-run';

const NO_RESULT = { code: 'filter_not_applicable', alternative: 'remove the keys of the grouping' } as const;

/**
 * Inserts the keys. Without keys, the SQL is returned unchanged. SQL that cannot be parsed is returned unchanged, with
 * a notice.
 *
 * @param filtered The SQL after its filters were inserted.
 * @throws {ProxyError} 'internal', 'query_timeout', 'query_cancelled', and errors of the calls that read the columns of
 *   tables.
 */
export async function withGrouping(
  filtered: FilteredSql,
  { groupByKeys: keys, timeFilter }: SqlPlan['options'],
  run: QueryRun
): Promise<FilteredSql> {
  if (keys.length === 0) {
    return filtered;
  }
  const { sql } = filtered;
  try {
    const columns = await sourceColumns(sql.current, { timeFilter }, NO_RESULT, run);
    const { edits, notices } = await parse({ kind: 'group', sql: sql.current, keys, columns }, NO_RESULT, run);
    return { sql: sql.edited(applyEdits(sql.current, edits)), notices: [...filtered.notices, ...notices] };
  } catch (reason) {
    if (reason instanceof ProxyError && reason.code === 'filter_not_applicable') {
      const notice = noGroupingNotice(keys, 'the SQL parser cannot read it');
      return { sql, notices: [...filtered.notices, notice] };
    }
    throw reason;
  }
}
