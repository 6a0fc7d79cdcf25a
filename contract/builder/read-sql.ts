/**
 * Converts SQL that the author edited to a builder state. The state is guessed from the clauses of the SQL, and written
 * as SQL again. The state is accepted only if the written SQL has the same meaning as the author's SQL.
 */
import { type ParseStatements } from '../sql/sql-parser';
import { builderQuery, conditionContext } from './builder-sql';
import {
  type Aggregation,
  type BuilderCondition,
  type BuilderState,
  type ColumnRef,
  type LogsState,
  type MetricsState,
  type ProcessesState,
  type ResultShape,
  type SpansState,
} from './builder-state';
import { LEVEL_NAMES } from './condition-sql';
import { conditionsOf, stringAt, termOf } from './read-condition';
import {
  aggregationOf,
  binOf,
  readLimit,
  readTable,
  readValuesState,
  type Select,
  selectOf,
  sourceOf,
} from './read-table';
import { QueryMeanings } from './query-meaning';
import { partOf, type SqlPart } from './sql-parts';
import { isVariable } from './sql-terms';

type Reader = (select: Select) => BuilderState | undefined;

/** Removes the first condition of the form `column = '…'` from the list, and returns its string. */
function takeString(conditions: BuilderCondition[], column: string): string | undefined {
  const index = conditions.findIndex(
    (item) =>
      !('raw' in item) &&
      item.column === column &&
      item.property === undefined &&
      item.type === 'text' &&
      item.operator === '='
  );
  const [found] = index < 0 ? [] : conditions.splice(index, 1);
  return found === undefined || 'raw' in found ? undefined : found.values[0];
}

function withId<K extends string>(key: K, id: string | undefined): { [Key in K]?: string } {
  return id === undefined ? {} : ({ [key]: id } as { [Key in K]: string });
}

function nestedSelect({ from }: Select): Select | undefined {
  const nested = from.inParentheses;
  return nested === undefined ? undefined : selectOf(nested);
}

/**
 * The aggregation of the column `value`. The aggregation `rate` is not found here: `readMetrics` recognizes it by its
 * nested SELECTs.
 */
function metricsAggregation(value: SqlPart): Aggregation | undefined {
  const call = aggregationOf(value);
  return call?.aggregation === 'sum' && call.rest.tokens[0]?.raw === '/' ? 'increment-rate' : call?.aggregation;
}

function readMetrics(select: Select): MetricsState | undefined {
  // A query of rates has three nested SELECTs: `rates` is the middle SELECT, and `inner` reads the samples.
  const rates = nestedSelect(select);
  const inner = rates === undefined ? select : nestedSelect(rates);
  const { columns } = rates ?? select;
  const source = inner === undefined ? undefined : sourceOf(inner.from);
  const value = columns.at(-1);
  if (inner === undefined || source?.table !== 'measures' || value === undefined) {
    return undefined;
  }
  const bin = binOf(columns[0]);
  const hasUnit = columns.at(-2)?.matches('unit') === true;
  const groups = columns.slice(bin === undefined ? 0 : 1, hasUnit ? -2 : -1);
  const conditions = conditionsOf(inner.where, conditionContext({ kind: 'metrics' })).filter(
    (item) => !isTimeFilter(item, 'time')
  );
  const name = takeString(conditions, 'name');
  const unit = takeString(conditions, 'unit');
  const aggregation = rates === undefined ? metricsAggregation(value) : 'rate';
  // If a condition selects one unit, and the query groups only by unit, the result is one number.
  const isRows = groups.length > 0 || (hasUnit && unit === undefined);
  const shape: ResultShape = bin !== undefined ? 'series' : isRows ? 'rows' : 'number';
  return name === undefined || aggregation === undefined
    ? undefined
    : {
        kind: 'metrics',
        name,
        ...withId('unit', unit),
        aggregation,
        // If the name is a variable, the builder adds `name` as the first group.
        groupBy: groups
          .filter((item, index) => index > 0 || !isVariable(name) || !item.matches('name'))
          .map((item): ColumnRef => termOf(item)?.ref ?? { column: '' }),
        shape,
        interval: bin?.interval ?? 'auto',
        ...(bin?.fill !== undefined && { fill: bin.fill, ...(bin.isZoned && { zonedFill: true }) }),
        ...(bin !== undefined && select.orderBy[0]?.matches('1 DESC') && { newestFirst: true }),
        ...withId('processId', source.instanceId),
        conditions,
      };
}

/** True for `$__timeFilter(column)`. The builder writes this condition, but a state does not contain it. */
function isTimeFilter(item: BuilderCondition, column: string): boolean {
  return 'raw' in item && partOf(item.raw)?.matches(`$__timeFilter(${column})`) === true;
}

function takeMinLevel(conditions: BuilderCondition[]): { minLevel?: number } {
  const index = conditions.findIndex(
    (item) => !('raw' in item) && item.column === 'level' && item.operator === '<=' && item.property === undefined
  );
  const item = conditions[index];
  const minLevel = item === undefined || 'raw' in item ? 0 : LEVEL_NAMES.indexOf(item.values[0]) + 1;
  if (minLevel === 0) {
    return {};
  }
  conditions.splice(index, 1);
  return { minLevel };
}

function readLogs({ from, where, orderBy, limit }: Select): LogsState | undefined {
  const conditions = conditionsOf(where, conditionContext({ kind: 'logs' })).filter(
    (item) => !isTimeFilter(item, 'time')
  );
  return {
    kind: 'logs',
    ...takeMinLevel(conditions),
    ...withId('processId', sourceOf(from)?.instanceId),
    conditions,
    order: orderBy[0]?.matches('time DESC') ? 'newest' : 'oldest',
    ...readLimit(limit),
  };
}

function readProcesses({ where, limit }: Select): ProcessesState {
  const isAlive = (item: BuilderCondition) =>
    !('raw' in item) &&
    item.type === 'time' &&
    ((item.column === 'start_time' && item.operator === '<=' && item.values[0] === '$__timeTo()') ||
      (item.column === 'last_update_time' && item.operator === '>=' && item.values[0] === '$__timeFrom()'));
  const all = conditionsOf(where, conditionContext({ kind: 'processes' }));
  const conditions = all.filter((item) => !isAlive(item));
  return { kind: 'processes', aliveInRange: conditions.length < all.length, conditions, ...readLimit(limit) };
}

function readSpans({ from, where, orderBy, limit }: Select): SpansState | undefined {
  const isOtel = from.isWordAt(0, 'view_instance');
  const processId = stringAt(from, isOtel ? 4 : 2);
  const time = isOtel ? 'start_time' : '"begin"';
  return processId === undefined
    ? undefined
    : {
        kind: 'spans',
        processId,
        spans: isOtel ? 'otel' : stringAt(from, 4) === 'async' ? 'async' : 'thread',
        conditions: conditionsOf(where, conditionContext({ kind: 'spans' })).filter(
          (item) => !isTimeFilter(item, time)
        ),
        order: orderBy[0]?.matches('duration DESC') ? 'slowest' : 'newest',
        ...readLimit(limit),
      };
}

const READERS: Readonly<Record<BuilderState['kind'], Reader>> = {
  metrics: readMetrics,
  logs: readLogs,
  processes: readProcesses,
  spans: readSpans,
  table: readTable,
  values: readValuesState,
};

/**
 * The state whose SQL has the same meaning as `sql`. Undefined if there is no such state, or if the SQL has comments.
 *
 * @param sql   As the author wrote it.
 * @param kind  The kind of state to read. Other kinds may express the query too.
 * @param parse The parser.
 * @throws {ParserCrashError}
 */
export function readBuilderSql(
  sql: string,
  kind: BuilderState['kind'],
  parse: ParseStatements
): BuilderState | undefined {
  const meanings = new QueryMeanings(parse);
  // For SQL that is nested too deep, the meaning is undefined. This bounds the recursion of the readers.
  const meaning = meanings.of(sql);
  const part = meaning === undefined ? undefined : partOf(sql);
  const select = part === undefined ? undefined : selectOf(part.statement);
  const state = select === undefined ? undefined : READERS[kind](select);
  return state !== undefined && meanings.of(builderQuery(state).sql) === meaning ? state : undefined;
}
