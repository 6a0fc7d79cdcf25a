/**
 * Converts an expression of Loki or Prometheus to a builder query. Loaded on demand, because it includes the parsers.
 */
import { type DataQuery } from '@grafana/schema';
import { uniq } from 'lodash';
import { type BuilderState, type SelectedColumn, type TypedCondition } from '../../../contract/builder/builder-state';
import { newState } from '../../../contract/builder/new-state';
import { durationMs } from '../../../contract/builder/sql-terms';
import { type ImportNotice } from '../../../contract/queries/query';
import { property } from '../../shared/failure-message';
import { type MicromegasQuery } from '../../shared/types';
import { type LogExpression, MAX_EXPRESSION, type MetricExpression, shortened } from './expression';
import {
  convertMatchers,
  importedBuilderQuery,
  LOG_COLUMNS,
  MEASURE_COLUMNS,
  metricNameMatcher,
} from './label-queries';
import { readLogQl } from './logql';
import { readPromQl } from './promql';

/** The language of an expression. */
export type ExpressionLanguage = 'LogQL' | 'PromQL';

/** Maximum number of conditions in addition to label matchers. The notice lists further conditions as lost. */
const MAX_CONDITIONS = 100;

/** Options of Loki and Prometheus queries that have no counterpart in this plugin. */
const LOST_OPTIONS = ['step', 'interval', 'resolution', 'intervalFactor', 'legendFormat'] as const;

const READERS = { LogQL: readLogQl, PromQL: readPromQl };

/**
 * Reads an expression. An expression of Loki that is only a selector with a metric name is read as an expression of
 * Prometheus, because log lines have no metric name. Loki makes such selectors from queries for metrics, when the user
 * changes the data source of a panel to Loki.
 */
function readExpression(source: string, language: ExpressionLanguage): LogExpression | MetricExpression {
  const expression = READERS[language](source);
  const isSelectorOfMetric =
    expression.kind === 'logs' &&
    expression.aggregation === undefined &&
    expression.conditions.length === 0 &&
    expression.lost.length === 0 &&
    metricNameMatcher(expression.matchers) !== undefined;
  return isSelectorOfMetric ? readPromQl(source) : expression;
}

function lostOptions(query: DataQuery): string[] {
  return LOST_OPTIONS.flatMap((name) => {
    const value = property(query, name);
    const isSet =
      (typeof value === 'string' && value !== '' && value !== '__auto') || (typeof value === 'number' && value > 1);
    return isSet ? [shortened(`${name}=${value}`)] : [];
  });
}

function isInstant(query: DataQuery): boolean {
  return (
    (property(query, 'instant') === true && property(query, 'range') !== true) ||
    property(query, 'queryType') === 'instant'
  );
}

function formatCondition({ column, property: key, operator, values }: TypedCondition): string {
  return shortened(`${key ?? column} ${operator} ${values.join(', ')}`);
}

/** The number of lines in each bin, or per second. */
function logColumn({ aggregation, interval }: LogExpression): SelectedColumn {
  if (aggregation === 'count') {
    return { column: '*', aggregation: 'count' };
  }
  const ms = durationMs(interval);
  return { raw: `count(*) / ${ms === undefined ? '($__interval_ms / 1000.0)' : (ms / 1000).toFixed(3)} AS rate` };
}

function logState(expression: LogExpression, conditions: BuilderState['conditions'], query: DataQuery): BuilderState {
  if (expression.aggregation === undefined) {
    const order = property(query, 'direction') === 'forward' ? 'oldest' : 'newest';
    const lines = Number(property(query, 'maxLines') ?? NaN);
    const limit = Number.isInteger(lines) && lines > 0 ? { limit: lines } : {};
    return { ...newState('logs'), conditions, order, ...limit };
  }
  const { limit: _rows, ...table } = newState('table');
  return {
    ...table,
    table: 'log_entries',
    time: { column: 'time', interval: expression.interval, fill: 'zero' },
    columns: [logColumn(expression)],
    conditions,
  };
}

function metricState(
  { name, aggregation, interval }: MetricExpression,
  conditions: BuilderState['conditions']
): BuilderState {
  return {
    ...newState('metrics'),
    name,
    aggregation,
    interval,
    conditions,
  };
}

/**
 * Converts an expression to a query of the builder. The notice lists the lost parts and the differences.
 *
 * @param query  The query of the other data source. The options of this query are imported, too.
 * @param source The expression.
 * @param from   Name of the other data source.
 */
export function importExpression(
  query: DataQuery,
  source: string,
  language: ExpressionLanguage,
  from: string
): MicromegasQuery {
  const isTooLong = source.length > MAX_EXPRESSION;
  const expression = readExpression(isTooLong ? '' : source, language);
  const columns = expression.kind === 'logs' ? LOG_COLUMNS : MEASURE_COLUMNS;
  const { conditions: matched, notice } = convertMatchers(expression.matchers, columns);
  const more = expression.kind === 'logs' ? expression.conditions : [];
  const conditions = [...matched, ...more.slice(0, MAX_CONDITIONS)];
  const state =
    expression.kind === 'logs' ? logState(expression, conditions, query) : metricState(expression, conditions);
  const lost = [
    ...(isTooLong ? [shortened(source)] : []),
    ...expression.lost.filter((part) => part !== ''),
    ...(notice.lost ?? []),
    ...more.slice(MAX_CONDITIONS).map(formatCondition),
    ...lostOptions(query),
  ];
  const changes = uniq<NonNullable<ImportNotice['changes']>[number]>([
    ...expression.changes,
    ...(isInstant(query) ? (['over-time'] as const) : []),
  ]);
  return importedBuilderQuery(query, state, {
    kind: 'expression',
    from,
    expression: shortened(source),
    ...notice,
    ...(lost.length > 0 && { lost }),
    ...(changes.length > 0 && { changes }),
  });
}
