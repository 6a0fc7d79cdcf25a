/** Labels of filters, for chips and for the query history. */
import { t } from '@grafana/i18n';
import {
  type FilterOperator,
  filterValues,
  OPERATOR_SYMBOLS,
  type QueryFilter,
} from '../../../contract/queries/query-filter';
import { withSeverityNote } from './severity-note';

/** The label of an operator: a symbol, or words in the language of the user. */
function plainLabel(operator: FilterOperator): string {
  switch (operator) {
    case '=~':
      return t('filter.operator.matches', 'matches');
    case '!~':
      return t('filter.operator.not-matches', 'does not match');
    case '=|':
      return t('filter.operator.one-of', 'is one of');
    case '!=|':
      return t('filter.operator.none-of', 'is none of');
    case 'contains':
      return t('filter.operator.contains', 'contains');
    case 'not-contains':
      return t('filter.operator.not-contains', 'does not contain');
    default:
      return OPERATOR_SYMBOLS[operator];
  }
}

const isLevel = (key: string) => key === 'level';

/** The label of an operator in the form of a filter. For a log level, it says which levels the operator matches. */
export function operatorLabel(operator: FilterOperator, key: string): string {
  return withSeverityNote(plainLabel(operator), operator, isLevel(key));
}

/** A filter in words, such as `exe = a`. */
export function filterLabel(filter: QueryFilter): string {
  const { key, operator } = filter;
  const compared = filterValues(filter).join(', ');
  const label = `${key} ${plainLabel(operator)} ${compared === '' ? t('filter.empty', '(empty)') : compared}`;
  return withSeverityNote(label, operator, isLevel(key));
}
