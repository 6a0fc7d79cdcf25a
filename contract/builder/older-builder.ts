/**
 * Opens queries of the older plugin's builder. Its fields hold free input, which stays unchanged: conditions become raw
 * conditions, and columns that are not names become raw columns.
 */
import { type OlderBuilderFields, olderBuilderParts, olderBuilderSql } from './older-sql';
import { type BuilderCondition, type TableState } from './builder-state';
import { hasOuterOr } from './condition-sql';
import { columnOf, groupsOf, sortKeyOf, sourceOf } from './read-table';
import { itemsOf, partOf, type SqlPart } from './sql-parts';
import { tableSql } from './sql-terms';

/** The parsed string. Undefined if it has a comment, or a quote or parenthesis that is not closed. */
function wholePart(sql: string): SqlPart | undefined {
  const part = partOf(sql);
  return part?.isBalanced ? part : undefined;
}

function areWhole(parts: ReadonlyArray<SqlPart | undefined>): parts is SqlPart[] {
  return parts.every((part) => part !== undefined);
}

/**
 * The older builder joins conditions with `and`, without parentheses. So if one of them contains OR, all of them become
 * one condition.
 */
function conditionsOf(wheres: readonly string[]): BuilderCondition[] {
  const isOne = wheres.length > 1 && wheres.some(hasOuterOr);
  return (isOne ? [wheres.join(' and ')] : wheres).map((raw) => ({ raw }));
}

/** False if the SQL was changed after the builder had made it. */
function isUnchanged({ query }: OlderBuilderFields, sql: string): boolean {
  return typeof query !== 'string' || query.trim() === '' || partOf(query.trim())?.matches(sql) === true;
}

/**
 * The state of a query that the older plugin's builder made (`rawEditor: false`). Its SQL means the same as the SQL of
 * the older builder. Undefined if the table is missing, if the new builder cannot keep a string (for example, because
 * it has a comment), or if `query` differs from the SQL of the fields.
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
