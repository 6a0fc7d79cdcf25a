/** Explains comparisons of log levels. A lower number is more severe: 1 is fatal, 6 is trace. */
import { t } from '@grafana/i18n';

/**
 * The levels that a comparison matches, such as `or more severe` for `<=`. Undefined for operators that do not depend
 * on the order of the levels.
 */
function severityNote(operator: string): string | undefined {
  switch (operator) {
    case '<':
      return t('filter.severity.more', 'more severe');
    case '<=':
      return t('filter.severity.or-more', 'or more severe');
    case '>':
      return t('filter.severity.less', 'less severe');
    case '>=':
      return t('filter.severity.or-less', 'or less severe');
    default:
      return undefined;
  }
}

/** Appends the note in parentheses to an operator or a condition. @param isLevel If false, no note is appended. */
export function withSeverityNote(label: string, operator: string, isLevel: boolean): string {
  const note = isLevel ? severityNote(operator) : undefined;
  return note === undefined ? label : `${label} (${note})`;
}
