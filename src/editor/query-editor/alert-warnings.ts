/**
 * Reasons why an alert rule will reject a query or may give wrong alerts. The rule can be saved in spite of the
 * warnings.
 */
import { StringSet } from '../../../contract/string-map';
import { type DataFrame, FieldType } from '@grafana/data';
import { t } from '@grafana/i18n';
import { type BuilderState, type SelectedColumn, type TableState } from '../../../contract/builder/builder-state';
import { type MicromegasQueryFields, readFlag, readQuery } from '../../../contract/queries/query';
import { isViewQuery } from '../../../contract/query-types/view-request';
import { variablesIn } from '../../../contract/sql/dashboard-variables';
import { stateOfSql } from '../builder/builder-mode';
import { alertSeriesWarnings, type RuleContext } from './alert-series-warnings';

/** Maximum number of rows whose strings are compared. Each row is one alert, and no useful rule has more. */
const MAX_ROWS = 10_000;

type Problem =
  'logs' | 'no-time' | 'no-number' | 'table-time' | 'table-numbers' | 'table-types' | 'no-labels' | 'equal-labels';

function problemMessage(problem: Problem): string {
  switch (problem) {
    case 'logs':
      return t(
        'alert.logs',
        'Alert rules reject log lines. Choose the format Time series or Table, and count the lines in the SQL.'
      );
    case 'no-time':
      return t('alert.no-time', 'Alert rules reject this result: a time series needs a column with the name time.');
    case 'no-number':
      return t('alert.no-number', 'Alert rules reject this result: a time series needs a column with numbers.');
    case 'table-time':
      return t(
        'alert.table-time',
        'Alert rules reject a table with a time column. Choose the format Time series, or remove the column.'
      );
    case 'table-numbers':
      return t(
        'alert.table-numbers',
        'Alert rules reject this table: it needs exactly one column with numbers. All other columns must be text.'
      );
    case 'table-types':
      return t(
        'alert.table-types',
        'Alert rules reject this table: beside the column with numbers, all columns must be text. Remove the columns of other types, or cast them to text.'
      );
    case 'no-labels':
      return t(
        'alert.no-labels',
        'Alert rules reject several rows without a text. Select a text that distinguishes the rows, or one number.'
      );
    case 'equal-labels':
      return t(
        'alert.equal-labels',
        'Alert rules reject rows with the same texts, because two alerts would have the same labels. Group by all columns with text.'
      );
  }
}

function countOf({ fields }: DataFrame, ...types: FieldType[]): number {
  return fields.filter(({ type }) => types.includes(type)).length;
}

/** True if two rows have the same strings. */
function hasEqualStrings({ fields, length }: DataFrame): boolean {
  const stringFields = fields.filter(({ type }) => type === FieldType.string || type === FieldType.enum);
  const seen = new StringSet();
  for (let row = 0; row < Math.min(length, MAX_ROWS); row++) {
    seen.add(JSON.stringify(stringFields.map(({ values }): unknown => values[row])));
  }
  return seen.size < Math.min(length, MAX_ROWS);
}

function tableProblem(frame: DataFrame): Problem | undefined {
  const stringCount = countOf(frame, FieldType.string, FieldType.enum);
  if (countOf(frame, FieldType.time) > 0) {
    return 'table-time';
  }
  if (countOf(frame, FieldType.number) !== 1) {
    return 'table-numbers';
  }
  if (stringCount + 1 < frame.fields.length) {
    return 'table-types';
  }
  if (stringCount === 0) {
    return frame.length > 1 ? 'no-labels' : undefined;
  }
  return hasEqualStrings(frame) ? 'equal-labels' : undefined;
}

function seriesProblem(frame: DataFrame): Problem | undefined {
  return countOf(frame, FieldType.time) === 0
    ? 'no-time'
    : countOf(frame, FieldType.number, FieldType.boolean) === 0
      ? 'no-number'
      : undefined;
}

/** True for an aggregation whose result is a number for any type of the column. */
function isNumber(column: SelectedColumn): boolean {
  return 'aggregation' in column && column.aggregation !== undefined && !['min', 'max'].includes(column.aggregation);
}

function tableStateProblem({ time, columns }: TableState): Problem | undefined {
  if (time?.interval !== undefined) {
    return columns.length === 0 ? 'no-number' : undefined;
  }
  const isTime = (column: SelectedColumn) =>
    !('raw' in column) && column.aggregation === undefined && column.column === time?.column;
  if (columns.some(isTime)) {
    return 'table-time';
  }
  return columns.length === 0 || columns.filter(isNumber).length > 1 ? 'table-numbers' : undefined;
}

/**
 * A problem that follows from the builder state alone. A result that Grafana rejects does not reach the editor, so the
 * result cannot show the problem.
 */
function stateProblem(state: BuilderState): Problem | undefined {
  switch (state.kind) {
    case 'table':
      return tableStateProblem(state);
    case 'processes':
    case 'spans':
      return 'table-time';
    default:
      return undefined;
  }
}

/** The frames that have columns. */
const nonEmptyFrames = (frames: readonly DataFrame[]) => frames.filter(({ fields }) => fields.length > 0);

/** The reason why a rule cannot use the result. Without a result, a reason that follows from the builder state. */
function shapeProblem(query: MicromegasQueryFields, frames: readonly DataFrame[]): Problem | undefined {
  const { format } = readQuery(query);
  if (format === 'logs') {
    return 'logs';
  }
  const results = nonEmptyFrames(frames);
  if (results.length > 0) {
    return results
      .map(format === 'time_series' ? seriesProblem : tableProblem)
      .find((problem) => problem !== undefined);
  }
  const state = builtState(query);
  return state === undefined ? undefined : stateProblem(state);
}

/** The builder state from which the SQL of the query was made. Undefined for other SQL. */
function builtState(query: MicromegasQueryFields): BuilderState | undefined {
  return readQuery(query).sql !== '' && readFlag(query.rawEditor) === false ? stateOfSql(query) : undefined;
}

/**
 * The warnings about a query of a rule, in the language of the user.
 *
 * @param query     The query of the rule.
 * @param frames    The last result of the query. Empty if the query has not run, or if Grafana rejected the result.
 * @param variables Names of the variables of the dashboard, if there is one.
 * @param context   Properties of the rule.
 */
export function alertWarnings(
  query: MicromegasQueryFields,
  frames: readonly DataFrame[],
  variables: readonly string[] = [],
  context?: RuleContext
): string[] {
  if (isViewQuery(query)) {
    return [
      t(
        'alert.typed',
        'Alert rules need numbers, and a query of this type gives none. Choose SQL, and count the spans or processes there.'
      ),
    ];
  }
  const [variable] = variablesIn(readQuery(query).sql, 1, variables);
  const problem = shapeProblem(query, frames);
  const warnings = [
    variable === undefined
      ? undefined
      : t('alert.variable', 'Alert rules have no dashboard variables. Replace {{variable}} with a value.', {
          variable,
          interpolation: { escapeValue: false },
        }),
    problem && problemMessage(problem),
    ...(context === undefined ? [] : alertSeriesWarnings(query, builtState(query), nonEmptyFrames(frames), context)),
  ];
  return warnings.filter((warning) => warning !== undefined);
}
