/**
 * Sentences for the user about filters that have no effect or an unexpected effect on a query. They become notices of
 * the panel.
 */
import { type QueryFilter } from '../../../contract/queries/query-filter';
import { quoteName } from '../../../contract/sql/sql-names';
import { shownName, foreignLine } from '../../base/errors/foreign-string';
import { keepsNulls } from './filter-conditions';
import { type FilterPlace, type Unresolved } from './resolve-filters';
import { shownFilter } from './shown-filter';

/** @param missing Reasons why the filter cannot be inserted into the SELECTs. */
export function noEffectNotice(filter: QueryFilter, missing: readonly Unresolved[]): string {
  const cause = missing.includes('not-comparable')
    ? `the column ${shownName(filter.key)} has a type that cannot be compared`
    : `no table of the query has the column ${shownName(filter.key)}`;
  return `The filter ${shownFilter(filter)} has no effect on this query: ${cause}. Choose another key, or remove the filter.`;
}

/**
 * The notice about a condition on a column of the optional side of an outer join. The result does not show this column.
 */
function outerJoinNotice(filter: QueryFilter, { source: { name, origin } }: FilterPlace): string {
  const table = origin.kind === 'table' ? foreignLine(quoteName(origin.table)) : 'the table';
  const alias = name === undefined ? 'v' : foreignLine(quoteName(name));
  return (
    `The filter ${shownFilter(filter)} compares a column of the optional side of an outer join, so rows without a match are left out. ` +
    `To keep them, join a subquery in place of the table: (SELECT * FROM ${table}) AS ${alias}.`
  );
}

function computedNotice(filter: QueryFilter, { target }: FilterPlace): string {
  const compared =
    target.property === undefined ? target.column : `the property ${shownName(target.property)} of ${target.column}`;
  return (
    `The column ${shownName(filter.key)} of the result is computed. The filter ${shownFilter(filter)} compares ${foreignLine(compared)} ` +
    'before the computation. To compare the computed values, write a condition in the SQL instead of the filter.'
  );
}

/** The notices about the places at which a filter is inserted. Each kind of notice occurs at most once. */
export function effectNotices(filter: QueryFilter, places: readonly FilterPlace[]): string[] {
  const optional = places.find(({ source, isShown }) => source.isOptional && !isShown);
  const computed = places.find(({ isComputed }) => isComputed);
  return [
    ...(optional !== undefined && !keepsNulls(filter.operator) ? [outerJoinNotice(filter, optional)] : []),
    ...(computed !== undefined ? [computedNotice(filter, computed)] : []),
    ...(places.some(({ select }) => select.isSubtracted)
      ? [
          `The filter ${shownFilter(filter)} also applies to a subquery whose rows are taken away by NOT or EXCEPT, so the filter can add rows to the result. ` +
            'To filter other parts of the query only, write $__adHocFilters where the filters belong.',
        ]
      : []),
  ];
}
