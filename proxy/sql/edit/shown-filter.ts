/**
 * Formats filters for messages to users. Keys and values come from viewers and telemetry, so they are made safe and
 * short.
 */
import {
  type FilterOperator,
  filterValues,
  OPERATOR_SYMBOLS,
  type QueryFilter,
} from '../../../contract/queries/query-filter';
import { foreignLine, joinedList } from '../../base/errors/foreign-string';

/** The operators, written as in the labels of filters in the query editor. */
const OPERATOR_LABELS: Readonly<Record<FilterOperator, string>> = {
  ...OPERATOR_SYMBOLS,
  '=~': 'matches',
  '!~': 'does not match',
  '=|': 'is one of',
  '!=|': 'is none of',
  contains: 'contains',
  'not-contains': 'does not contain',
};

/** The filter in double quotes, for example `"level = error"`. Long keys and values are truncated. */
export function shownFilter(filter: QueryFilter): string {
  const compared = foreignLine(joinedList(filterValues(filter), (value) => foreignLine(value)));
  return `"${foreignLine(filter.key)} ${OPERATOR_LABELS[filter.operator]} ${compared === '' ? '(empty)' : compared}"`;
}
