/**
 * Queries as label matchers, the form in which Grafana passes the queries of Loki, Prometheus and others to another
 * data source. Labels become conditions of the builder, and conditions become labels.
 */
import { AbstractLabelOperator, type AbstractLabelMatcher, type AbstractQuery } from '@grafana/data';
import { type DataQuery } from '@grafana/schema';
import { builderQuery } from '../../../contract/builder/builder-sql';
import {
  type BuilderCondition,
  type BuilderState,
  type ColumnRef,
  type ConditionOperator,
  type TypedCondition,
} from '../../../contract/builder/builder-state';
import { LEVEL_NAMES } from '../../../contract/builder/condition-sql';
import { newState } from '../../../contract/builder/new-state';
import { readBuilderState } from '../../../contract/builder/read-state';
import { isVariable } from '../../../contract/builder/sql-terms';
import { isViewQuery } from '../../../contract/query-types/view-request';
import { filtersOf, type ImportNotice } from '../../../contract/queries/query';
import { newQuery } from '../model/query-draft';
import { type MicromegasQuery } from '../../shared/types';

/** Usual labels of each column. The first label of a column is the label that is exported. */
const COLUMN_LABELS: Readonly<Record<string, readonly string[]>> = {
  exe: ['service_name', 'app', 'application', 'job', 'service', 'container', 'exe'],
  computer: ['host', 'hostname', 'instance', 'node', 'computer'],
  username: ['username', 'user'],
  target: ['target', 'logger'],
  level: ['level', 'severity', 'detected_level'],
};

const COLUMN_OF_LABEL: ReadonlyMap<string, string> = new Map(
  Object.entries(COLUMN_LABELS).flatMap(([column, labels]) => labels.map((label) => [label, column] as const))
);

/** The label that contains the name of the metric in Prometheus. */
const METRIC_NAME = '__name__';

/** Names that other systems give to levels, with Micromegas's name for each. */
const LEVEL_SYNONYMS: Readonly<Record<string, string>> = {
  critical: 'fatal',
  crit: 'fatal',
  err: 'error',
  warning: 'warn',
  information: 'info',
  dbug: 'debug',
};

/** Maximum number of matchers. The notice lists further matchers as lost. */
const MAX_MATCHERS = 100;

function isRegex({ operator }: AbstractLabelMatcher): boolean {
  return operator === AbstractLabelOperator.EqualRegEx || operator === AbstractLabelOperator.NotEqualRegEx;
}

function isNegative({ operator }: AbstractLabelMatcher): boolean {
  return operator === AbstractLabelOperator.NotEqual || operator === AbstractLabelOperator.NotEqualRegEx;
}

/** The alternatives of a regular expression that is a list of words, such as `a|b`. Undefined for other expressions. */
function alternatives(pattern: string): string[] | undefined {
  const words = pattern.replace(/^\((?:\?:)?([^()]*)\)$/, '$1').split('|');
  return words.every((word) => /^[\w\- /:]+$/.test(word)) ? words : undefined;
}

/**
 * The operator and values of a matcher. A label matcher compares the whole value, but the pattern of a condition finds
 * any part of the value, so `^` and `$` are added. If the pattern is a variable, the operator becomes `=` or `!=`,
 * because Grafana joins several values into one pattern only for Loki and Prometheus. If the variable has several
 * values, the SQL compares with a list (`IN`).
 */
function compared(matcher: AbstractLabelMatcher): Pick<TypedCondition, 'operator' | 'values'> {
  const not = isNegative(matcher);
  if (!isRegex(matcher)) {
    return { operator: not ? '!=' : '=', values: [matcher.value] };
  }
  if (isVariable(matcher.value)) {
    // Removes a format such as `:regex`.
    return { operator: not ? '!=' : '=', values: [matcher.value.replace(/:\w+(?=[}\]]+$)/, '')] };
  }
  const words = alternatives(matcher.value);
  return words === undefined
    ? { operator: not ? 'not-matches' : 'matches', values: [`^(?:${matcher.value})$`] }
    : { operator: not ? 'not-in' : 'in', values: words };
}

/** The condition on the level. Undefined if a value is not a level of Micromegas. */
function levelCondition(matcher: AbstractLabelMatcher): TypedCondition | undefined {
  const { operator, values } = compared(matcher);
  const levels = values.map((value) => LEVEL_SYNONYMS[value.toLowerCase()] ?? value.toLowerCase());
  return levels.every((level) => LEVEL_NAMES.includes(level))
    ? { column: 'level', type: 'number', operator, values: levels }
    : undefined;
}

function formatMatcher({ name, value, operator }: AbstractLabelMatcher): string {
  const symbols = { Equal: '=', NotEqual: '!=', EqualRegEx: '=~', NotEqualRegEx: '!~' };
  return `${name}${symbols[operator]}${JSON.stringify(value)}`;
}

/** The column of a label, or the property of the same name. */
function columnOfLabel(label: string, columns: ReadonlySet<string>): ColumnRef {
  const column = COLUMN_OF_LABEL.get(label);
  return column !== undefined && columns.has(column) ? { column } : { column: 'properties', property: label };
}

interface Converted {
  conditions: BuilderCondition[];
  /** The fields of the notice that list matchers. */
  notice: Pick<ImportNotice, 'asProperties' | 'lost'>;
}

/** The conditions of label matchers. @param columns Columns of the table. */
export function convertMatchers(matchers: readonly AbstractLabelMatcher[], columns: ReadonlySet<string>): Converted {
  const conditions: BuilderCondition[] = [];
  const asProperties: string[] = [];
  const lost = matchers.slice(MAX_MATCHERS).map(formatMatcher);
  for (const matcher of matchers.slice(0, MAX_MATCHERS)) {
    const ref = columnOfLabel(matcher.name, columns);
    if (ref.column === 'level') {
      const condition = levelCondition(matcher);
      condition === undefined ? lost.push(formatMatcher(matcher)) : conditions.push(condition);
    } else if (ref.property === undefined) {
      conditions.push({ ...ref, type: 'text', ...compared(matcher) });
    } else {
      asProperties.push(ref.property);
      conditions.push({ ...ref, type: 'json', ...compared(matcher) });
    }
  }
  return {
    conditions,
    notice: { ...(asProperties.length > 0 && { asProperties }), ...(lost.length > 0 && { lost }) },
  };
}

/** Columns of log entries that labels may name. */
export const LOG_COLUMNS = new Set(Object.keys(COLUMN_LABELS));
/** Columns of measures that labels may name. */
export const MEASURE_COLUMNS = new Set([...LOG_COLUMNS].filter((column) => column !== 'level'));

/** An imported query that opens in the builder. */
export function importedBuilderQuery(
  { refId, hide }: Pick<DataQuery, 'refId' | 'hide'>,
  state: BuilderState,
  importNotice: ImportNotice
): MicromegasQuery {
  const { sql, ...decided } = builderQuery(state);
  return {
    refId,
    ...(hide !== undefined && { hide }),
    ...newQuery(),
    ...decided,
    query: sql,
    builder: state,
    rawEditor: false,
    importNotice,
  };
}

/** The matcher that names a metric. Undefined if the matchers name none. */
export function metricNameMatcher(matchers: readonly AbstractLabelMatcher[]): AbstractLabelMatcher | undefined {
  return matchers.find(({ name, operator }) => name === METRIC_NAME && operator === AbstractLabelOperator.Equal);
}

/**
 * A query of the builder: measures if the matchers name a metric, else logs.
 *
 * @param from Name of the other data source.
 */
export function importLabelQuery(query: AbstractQuery, from: string): MicromegasQuery {
  const { labelMatchers } = query;
  const metric = metricNameMatcher(labelMatchers);
  const others = labelMatchers.filter((matcher) => matcher !== metric);
  const { conditions, notice } = convertMatchers(others, metric === undefined ? LOG_COLUMNS : MEASURE_COLUMNS);
  const state: BuilderState =
    metric === undefined
      ? { ...newState('logs'), conditions }
      : { ...newState('metrics'), name: metric.value, conditions };
  return importedBuilderQuery(query, state, { kind: 'labels', from, ...notice });
}

const EXPORTED: Readonly<Partial<Record<ConditionOperator, AbstractLabelOperator>>> = {
  '=': AbstractLabelOperator.Equal,
  '!=': AbstractLabelOperator.NotEqual,
  matches: AbstractLabelOperator.EqualRegEx,
  'not-matches': AbstractLabelOperator.NotEqualRegEx,
};

/**
 * The matcher of a condition. Undefined for SQL, for an operator that is not in `EXPORTED`, and for a column without a
 * label.
 */
function exportedMatcher(condition: BuilderCondition): AbstractLabelMatcher | undefined {
  if ('raw' in condition) {
    return undefined;
  }
  const operator = EXPORTED[condition.operator];
  const name = condition.property ?? COLUMN_LABELS[condition.column]?.[0];
  if (operator === undefined || name === undefined || condition.values.length === 0) {
    return undefined;
  }
  // The pattern of a condition finds any part of the value, but a matcher compares the whole value.
  const [value] = condition.values;
  const isPattern = condition.operator === 'matches' || condition.operator === 'not-matches';
  return { name, operator, value: isPattern ? `.*(?:${value}).*` : value };
}

/**
 * The conditions of the saved builder state and the filters of the query as label matchers. SQL is not read. A query of
 * a type without SQL has no matchers.
 */
export function exportLabelQuery(query: MicromegasQuery): AbstractQuery {
  const { refId, builder: saved, filters } = query;
  if (isViewQuery(query)) {
    return { refId, labelMatchers: [] };
  }
  const builder = readBuilderState(saved);
  const conditions = builder?.conditions ?? [];
  const measure =
    builder?.kind === 'metrics' && builder.name !== ''
      ? [{ name: METRIC_NAME, operator: AbstractLabelOperator.Equal, value: builder.name }]
      : [];
  const attached = filtersOf(filters).flatMap(({ key, operator, value }): TypedCondition[] =>
    operator === '=' || operator === '!=' ? [{ ...columnOfKey(key), type: 'text', operator, values: [value] }] : []
  );
  const matchers = [...conditions, ...attached].map(exportedMatcher).filter((matcher) => matcher !== undefined);
  return { refId, labelMatchers: [...measure, ...matchers] };
}

function columnOfKey(key: string): Pick<TypedCondition, 'column' | 'property'> {
  const [, property] = /^properties\.(.+)$/s.exec(key) ?? [];
  return property === undefined ? { column: key } : { column: 'properties', property };
}
