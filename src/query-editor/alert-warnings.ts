/** What an alert rule will refuse. The warnings do not prevent the rule from being saved. */
import { type DataFrame, FieldType } from '@grafana/data';
import { t } from '@grafana/i18n';
import { readQuery, type MicromegasQueryFields } from '../../contract/query';

/** `$name`, `${name}` and `[[name]]`, but not macros such as `$__timeFilter`. */
const VARIABLE = /\$(?!__)[A-Za-z_]\w*|\$\{(?!__)\w[^}]{0,200}\}|\[\[(?!__)\w+(?::\w+)?\]\]/;

/** The dashboard variable that the SQL uses first, as it is written. */
export function firstVariable(sql: string): string | undefined {
  return VARIABLE.exec(sql)?.[0];
}

function hasTwoNumbersOrNone({ fields }: DataFrame): boolean {
  return fields.filter(({ type }) => type === FieldType.number).length !== 1;
}

/** The reason why a rule cannot use the result, as a text for the author. */
function shapeWarning(query: MicromegasQueryFields, frames: readonly DataFrame[]): string | undefined {
  const { format } = readQuery(query);
  if (format === 'logs') {
    return t(
      'alert.logs',
      'Alert rules refuse log lines. Choose the format Time series or Table, and count the lines in the SQL.'
    );
  }
  const filled = frames.filter(({ fields }) => fields.length > 0);
  const hasTime = ({ fields }: DataFrame) => fields.some(({ type }) => type === FieldType.time);
  if (format === 'time_series') {
    return filled.every(hasTime)
      ? undefined
      : t('alert.no-time', 'Alert rules refuse this result: a time series needs a column with the name time.');
  }
  if (filled.some(hasTime)) {
    return t(
      'alert.table-time',
      'Alert rules refuse a table with a time column. Choose the format Time series, or remove the column.'
    );
  }
  return filled.some(hasTwoNumbersOrNone)
    ? t(
        'alert.table-numbers',
        'Alert rules refuse this table: it needs exactly one column with numbers. All other columns must be text.'
      )
    : undefined;
}

/**
 * @param query  The query of the rule.
 * @param frames Its last result. Empty if it has not run.
 */
export function alertWarnings(query: MicromegasQueryFields, frames: readonly DataFrame[]): string[] {
  const variable = firstVariable(readQuery(query).sql);
  const warnings = [
    variable === undefined
      ? undefined
      : t('alert.variable', 'Alert rules have no dashboard variables. Replace {{variable}} by a value.', {
          variable,
          interpolation: { escapeValue: false },
        }),
    shapeWarning(query, frames),
  ];
  return warnings.filter((warning) => warning !== undefined);
}
