/** Labels of filters, for chips and for the query history. */
import { t } from '@grafana/i18n';
import { type FilterOperator, filterValues, type QueryFilter } from '../../../contract/queries/query-filter';

/** Operators that need no words. */
const SYMBOLS: Readonly<Partial<Record<FilterOperator, string>>> = {
  '=': '=',
  '!=': '≠',
  '<': '<',
  '<=': '≤',
  '>': '>',
  '>=': '≥',
};

/** A symbol, or a word in the language of the user. */
export function operatorLabel(operator: FilterOperator): string {
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
      return SYMBOLS[operator] ?? operator;
  }
}

/** A filter in words, such as `exe = a`. */
export function filterLabel(filter: QueryFilter): string {
  const { key, operator } = filter;
  const compared = filterValues(filter).join(', ');
  return `${key} ${operatorLabel(operator)} ${compared === '' ? t('filter.empty', '(empty)') : compared}`;
}
