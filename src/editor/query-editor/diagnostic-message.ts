/** Messages about the problems that the SQL editor marks. */
import { t } from '@grafana/i18n';
import { type Diagnostic } from '../sql/hints';

/** The message of a diagnostic, in the language of the user. */
export function diagnosticMessage({ code, message }: Diagnostic): string {
  const values = { text: message, interpolation: { escapeValue: false } };
  switch (code) {
    case 'syntax':
      return t('query.diagnostic.syntax', 'Syntax error: {{text}}', values);
    case 'unchecked':
      return t(
        'query.diagnostic.unchecked',
        'This SQL takes too long to check, so errors are not marked. Nest fewer function calls, CASE expressions and subqueries.'
      );
    case 'no-time-filter':
      return t(
        'query.diagnostic.no-time-filter',
        'This reads all of {{text}}, which may take long. In Options, switch “Time filter” on, or add a condition on a time column.',
        values
      );
    case 'star-as-time-series':
      return t(
        'query.diagnostic.star',
        'With the format “Time series”, each text column becomes a label. Select only the time, the value and the labels that you need.'
      );
    case 'limit-without-order':
      return t(
        'query.diagnostic.limit',
        'Without ORDER BY, LIMIT returns arbitrary rows, and other rows at the next run. Add ORDER BY.'
      );
    case 'label-column':
      return t(
        'query.diagnostic.label',
        'With the format “Time series”, each value of {{text}} becomes a series of its own. Leave the column out if that is not what you want.',
        values
      );
  }
}
