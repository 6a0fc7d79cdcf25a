/**
 * Converts queries of the older Micromegas plugin's builder to states of the new builder. The author typed SQL into the
 * fields of the older builder. Conditions become raw conditions. Columns become raw columns if the new builder would
 * write different SQL.
 */
import { type OlderBuilderFields, olderBuilderParts, olderBuilderSql } from './older-sql';
import { type BuilderCondition, type TableState } from './builder-state';
import { needsParentheses } from './condition-sql';
import { columnOf, groupsOf, sortKeyOf, sourceOf } from './read-table';
import { itemsOf, partOf, type SqlPart } from './sql-parts';
import { tableSql } from './sql-terms';

/** The tokens of a string. Undefined if the string has a comment, or a quote or parenthesis that is not closed. */
function wholePart(sql: string): SqlPart | undefined {
  const part = partOf(sql);
  return part?.isBalanced ? part : undefined;
}

function areWhole(parts: ReadonlyArray<SqlPart | undefined>): parts is SqlPart[] {
  return parts.every((part) => part !== undefined);
}

/**
 * The older builder joins conditions with `and`, without parentheses. So if one of the conditions needs parentheses,
 * all conditions become one raw condition.
 */
function conditionsOf(wheres: readonly string[]): BuilderCondition[] {
  const isOne = wheres.length > 1 && wheres.some(needsParentheses);
  return (isOne ? [wheres.join(' and ')] : wheres).map((raw) => ({ raw }));
}

/** True if the saved query has no SQL, or has SQL with the same tokens as `sql`. */
function isUnchanged({ query }: OlderBuilderFields, sql: string): boolean {
  return typeof query !== 'string' || query.trim() === '' || partOf(query.trim())?.matches(sql) === true;
}

/**
 * The state of a query that the older plugin's builder made (`rawEditor: false`). The SQL of the state has the same
 * meaning as the SQL of the older builder. Undefined in these cases:
 *
 * - The table is missing.
 * - A field has SQL that the new builder cannot keep, such as a comment.
 * - `query` differs from the SQL of the fields.
 *
 * @param saved The saved model, as parsed from JSON.
 */
export function olderBuilderState(saved: OlderBuilderFields): TableState | undefined {
  const { table, columns, wheres, groupBy, orderBy, limit } = olderBuilderParts(saved);
  const parts = [table, ...columns, ...wheres, groupBy, orderBy, limit].map(wholePart);
  if (table === '' || !areWhole(parts) || !isUnchanged(saved, olderBuilderSql(saved))) {
    return undefined;
  }
  const [from] = parts;
  const source = sourceOf(from);
  if (source === undefined || !from.matches(tableSql(source.table, source.instanceId))) {
    return undefined;
  }
  const [grouping, sorting] = parts.slice(1 + columns.length + wheres.length);
  const selected = parts.slice(1, 1 + columns.length).map(columnOf);
  return {
    kind: 'table',
    ...source,
    columns: selected,
    conditions: conditionsOf(wheres),
    groupBy: groupsOf(itemsOf(grouping), selected),
    orderBy: itemsOf(sorting).map(sortKeyOf),
    ...(limit !== '' && { limit }),
  };
}
