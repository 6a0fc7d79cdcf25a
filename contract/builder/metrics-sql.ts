/**
 * The SQL of a measure.
 *
 * A rate is the increase of a counter per second. OpenTelemetry's sums are stored as they were sent, and most of them are
 * cumulative. So the increase is the difference from the sample before, in the same process with the same properties; after
 * a restart of the counter it is the value itself. The sum of samples that are increments is `sum`.
 */
import { quoteLiteral } from '../sql-syntax/sql-names';
import { type ColumnRef, type MetricsState } from './builder-state';
import { type ConditionContext, conditionsSql } from './condition-sql';
import { aggregateSql, type BuilderQuery, selectSql } from './select-sql';
import { columnSql, durationMs, nameSql, tableSql, timeBinSql } from './sql-terms';

/** Aggregations whose result does not have the unit of the measure. */
const WITHOUT_UNIT: ReadonlyArray<MetricsState['aggregation']> = ['count', 'rate'];

const INCREASE =
  'CASE WHEN value < lag(value) OVER samples THEN value ELSE value - lag(value) OVER samples END AS increase';
const SAMPLES = 'samples AS (PARTITION BY process_id, target, properties ORDER BY time)';

/** A column by which the result is grouped. */
interface GroupColumn {
  name: string;
  sql: string;
}

/** Columns that the result already has are left out. A property whose name is taken has that of its column before it. */
function groupColumns(groupBy: readonly ColumnRef[], taken: readonly string[]): GroupColumn[] {
  const names = new Set(taken);
  const columns: GroupColumn[] = [];
  for (const ref of groupBy) {
    const key = ref.property ?? ref.column;
    const name = names.has(key) && ref.property !== undefined ? `${ref.column}.${key}` : key;
    if (name !== '' && !names.has(name)) {
      names.add(name);
      const term = columnSql(ref);
      columns.push({ name, sql: ref.property === undefined ? term : `${term} AS ${nameSql(name)}` });
    }
  }
  return columns;
}

/** The interval that can be used: a rate needs to know its length. */
function intervalOf({ interval, aggregation }: MetricsState): string {
  return aggregation === 'rate' && durationMs(interval) === undefined ? 'auto' : interval;
}

function secondsSql(state: MetricsState): string {
  if (state.shape !== 'series') {
    return '($__range_ms / 1000.0)';
  }
  const ms = durationMs(intervalOf(state));
  return ms === undefined ? '($__interval_ms / 1000.0)' : String(ms / 1000);
}

function valueSql(state: MetricsState): string {
  const { aggregation } = state;
  if (aggregation === 'rate') {
    return `sum(increase) / ${secondsSql(state)}`;
  }
  return aggregateSql(aggregation, aggregation === 'count' ? '*' : 'value');
}

function legendOf({ aggregation, name, shape }: MetricsState, groups: readonly GroupColumn[]): string | undefined {
  if (shape !== 'series') {
    return undefined;
  }
  return groups.length === 0 ? `${aggregation} ${name}` : groups.map((group) => `{{${group.name}}}`).join(' ');
}

export function metricsQuery(state: MetricsState, context: ConditionContext): BuilderQuery {
  const isSeries = state.shape === 'series';
  const format = isSeries ? 'time_series' : 'table';
  if (state.name === '') {
    return { sql: '', format };
  }
  const hasUnit = !WITHOUT_UNIT.includes(state.aggregation) && (state.shape !== 'number' || state.unit !== undefined);
  const taken = [...(isSeries ? ['time'] : []), ...(hasUnit ? ['unit'] : []), 'value'];
  const groups = state.shape === 'number' ? [] : groupColumns(state.groupBy, taken);
  const keys = [
    ...(isSeries ? [`${timeBinSql('time', intervalOf(state), state.fill)} AS time`] : []),
    ...groups.map(({ sql }) => sql),
    ...(hasUnit ? ['unit'] : []),
  ];
  const unit = state.unit === undefined ? [] : [`unit = ${quoteLiteral(state.unit)}`];
  const samples = {
    from: tableSql('measures', state.processId),
    where: conditionsSql(
      ['$__timeFilter(time)', `name = ${quoteLiteral(state.name)}`, ...unit],
      state.conditions,
      context
    ),
  };
  const isRate = state.aggregation === 'rate';
  const sql = selectSql({
    columns: [...keys, `${valueSql(state)} AS value`],
    ...(isRate ? { from: { columns: ['*', INCREASE], ...samples, window: SAMPLES } } : samples),
    groupBy: keys.map((_key, index) => String(index + 1)),
    orderBy: keys.length === 0 ? [] : [isSeries ? '1' : `${keys.length + 1} DESC`],
  });
  const legend = legendOf(state, groups);
  return legend === undefined ? { sql, format } : { sql, format, legend };
}
