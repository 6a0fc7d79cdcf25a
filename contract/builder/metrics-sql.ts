/**
 * The SQL of a builder state of the kind `metrics`.
 *
 * The aggregation `rate` adds the rates of all series. The samples of a series have the same process, name, target and
 * properties. The rate of a series is its increase per second. Most counters are cumulative: the increase is the
 * difference from the previous sample. After a restart of the counter, and for OpenTelemetry sums with delta
 * temporality, the increase is the value of the sample. In a time bin, the sum of the increases is divided by the
 * seconds between the samples. The divisor is not the length of the bin, because a bin may be shorter than the time
 * between two samples.
 */
import { aggregationName, type ColumnRef, type MetricsState } from './builder-state';
import { type ConditionContext, conditionsSql, typedSql } from './condition-sql';
import {
  aggregateSql,
  type BuilderQuery,
  type GroupColumn,
  groupColumns,
  selectSql,
  type SelectParts,
} from './select-sql';
import {
  durationMs,
  filledUtcBinSql,
  hasLength,
  isVariable,
  nameSql,
  seriesOrder,
  tableSql,
  timeBinSql,
} from './sql-terms';

type Aggregation = MetricsState['aggregation'];

/** Aggregations whose result does not have the unit of the measure. */
const WITHOUT_UNIT: readonly Aggregation[] = ['count', 'rate', 'increment-rate'];

/** The columns whose values identify a series. */
const SERIES = ['process_id', 'name', 'target', 'properties'];
const SAMPLES = `samples AS (PARTITION BY ${SERIES.join(', ')} ORDER BY time)`;
const INCREASE = [
  "CASE WHEN property_get(properties, 'otel.metric.aggregation_temporality') = '1' OR value < lag(value) OVER samples",
  'THEN value ELSE value - lag(value) OVER samples END AS increase',
].join(' ');
/** Seconds since the previous sample of the series. NULL for the first sample. */
const SECONDS = "date_part('epoch', time) - date_part('epoch', lag(time) OVER samples) AS seconds";

const RANGE_SECONDS = '$__range_ms / 1000.0';
/**
 * The rate of a series over the time range: the sum of its increases, divided by the seconds between its samples. A
 * process that restarts begins a new series. If the divisor were only these seconds, the rates of the series before and
 * after the restart would add up to twice the actual rate. So the divisor is at least the range × n / (n + 1), where n
 * is the number of increases. This is the time from the first to the last of n + 1 samples that are spread evenly over
 * the range.
 */
const RATE_IN_RANGE = `sum(increase) / greatest(sum(seconds), ${RANGE_SECONDS} * count(*) / (count(*) + 1))`;

/** True if the SQL divides by the length of the interval. The interval must then be `auto` or a duration. */
export function needsLength({ aggregation, shape }: Pick<MetricsState, 'aggregation' | 'shape'>): boolean {
  return aggregation === 'increment-rate' && shape === 'series';
}

function secondsSql({ shape, interval }: MetricsState): string {
  if (shape !== 'series') {
    return `(${RANGE_SECONDS})`;
  }
  const ms = durationMs(interval);
  return ms === undefined ? '($__interval_ms / 1000.0)' : String(ms / 1000);
}

function valueSql(state: MetricsState): string {
  const { aggregation } = state;
  switch (aggregation) {
    case 'rate':
      return 'sum(rate)';
    case 'increment-rate':
      return `sum(value) / ${secondsSql(state)}`;
    case 'count':
      return 'count(*)';
    default:
      return aggregateSql(aggregation, 'value');
  }
}

function wordOf({ aggregation }: MetricsState): string {
  return aggregation === 'increment-rate' ? 'rate' : aggregationName(aggregation);
}

/**
 * A legend that names the measure before the groups. Used if another query of the panel has the same legend.
 *
 * @param legend The legend of `metricsQuery`.
 * @returns Undefined if `legend` already names the measure.
 */
export function legendWithMeasure(state: MetricsState, legend: string): string | undefined {
  return state.groupBy.length === 0 || isVariable(state.name) ? undefined : `${wordOf(state)} ${state.name} ${legend}`;
}

function legendOf(state: MetricsState, groups: readonly GroupColumn[]): string | undefined {
  const { name, shape } = state;
  if (shape !== 'series') {
    return undefined;
  }
  const labels = groups.map((group) => `{{${group.name}}}`).join(' ');
  const word = wordOf(state);
  if (isVariable(name)) {
    return groups.length === 1 ? `${word} ${labels}` : labels;
  }
  return groups.length === 0 ? `${word} ${name}` : labels;
}

/**
 * The columns by which the result is grouped. None for the shape `number`. If the name of the measure is a variable,
 * `name` is one of these columns, because the variable may select several measures.
 */
function groupsOf(state: MetricsState, taken: readonly string[]): GroupColumn[] {
  if (state.shape === 'number') {
    return [];
  }
  const name: ColumnRef[] = isVariable(state.name) ? [{ column: 'name' }] : [];
  return groupColumns([...name, ...state.groupBy], taken);
}

/** The SELECT of the rate of each series, in each time bin and group. */
function seriesRates(state: MetricsState, keys: readonly string[], samples: SelectParts): SelectParts {
  return {
    columns: [...keys, `${state.shape === 'series' ? 'sum(increase) / sum(seconds)' : RATE_IN_RANGE} AS rate`],
    from: { ...samples, columns: ['*', INCREASE, SECONDS], window: SAMPLES },
    // Excludes the first sample of each series, and prevents a division by zero.
    where: ['seconds > 0'],
    groupBy: [...keys.map((_key, index) => String(index + 1)), ...SERIES],
  };
}

function samplesOf(state: MetricsState, context: ConditionContext): SelectParts {
  const isString = (column: string, value: string) =>
    typedSql({ column, type: 'text', operator: '=', values: [value] }, context);
  const unit = state.unit === undefined ? [] : [isString('unit', state.unit)];
  return {
    columns: [],
    from: tableSql('measures', state.processId),
    where: conditionsSql(['$__timeFilter(time)', isString('name', state.name), ...unit], state.conditions, context),
  };
}

function binSql({ interval, fill, zonedFill }: MetricsState): string {
  return fill === undefined || zonedFill ? timeBinSql('time', interval, fill) : filledUtcBinSql('time', interval, fill);
}

/**
 * The query of a state. The SQL is empty if the state has no name. The SQL of a series of `increment-rate` is also
 * empty if the length of the interval is not known, see `hasLength`.
 */
export function metricsQuery(state: MetricsState, context: ConditionContext): BuilderQuery {
  const { aggregation, shape, unit } = state;
  const isSeries = shape === 'series';
  const format = isSeries ? 'time_series' : 'table';
  if (state.name === '' || (needsLength(state) && !hasLength(state.interval))) {
    return { sql: '', format };
  }
  const isRate = aggregation === 'rate';
  const hasUnit = !WITHOUT_UNIT.includes(aggregation) && (shape !== 'number' || unit !== undefined);
  const taken = [...(isSeries ? ['time'] : []), ...(hasUnit ? ['unit'] : []), ...(isRate ? ['rate'] : []), 'value'];
  const groups = groupsOf(state, taken);
  const keys = [
    ...(isSeries ? [`${binSql(state)} AS time`] : []),
    ...groups.map(({ sql }) => sql),
    ...(hasUnit ? ['unit'] : []),
  ];
  const samples = samplesOf(state, context);
  const names = [...(isSeries ? ['time'] : []), ...groups.map(({ name }) => nameSql(name))];
  const sql = selectSql({
    ...(isRate ? { from: seriesRates(state, keys, samples) } : samples),
    columns: [...(isRate ? names : keys), `${valueSql(state)} AS value`],
    groupBy: keys.map((_key, index) => String(index + 1)),
    orderBy: keys.length === 0 ? [] : [isSeries ? seriesOrder(state) : `${keys.length + 1} DESC`],
  });
  const legend = legendOf(state, groups);
  return legend === undefined ? { sql, format } : { sql, format, legend };
}
