/**
 * Random builder states for property tests, with unusual names and values, and with variables. `readBuilderSql` must
 * read each state back from its SQL. So, for example, `RAWS` has only conditions that are read back as raw SQL.
 */
import { implicitGroups, unselectedGroups } from '../table-columns';
import {
  AGGREGATIONS,
  type BuilderCondition,
  type ColumnRef,
  CONDITION_OPERATORS,
  CONDITION_TYPES,
  type ConditionOperator,
  type ConditionType,
  type LogsState,
  type MetricsState,
  type ProcessesState,
  type SelectedColumn,
  type SortKey,
  type SpansState,
  STRING_TYPES,
  TABLE_AGGREGATIONS,
  type TableState,
  type ValuesState,
} from '../builder-state';
import { FILL_MODES } from '../../result-format';
import { LEVEL_NAMES } from '../condition-sql';
import { isDays, isVariable } from '../sql-terms';

const NAMES = [
  'exe', 'target', 'msg', 'Name', 'process id', 'streams.tags', 'a"b', "it's", 'begin', 'end', 'order', 'null', 'true',
  'case', 'interval', 'user', 'élan', '日本', '1st', '_', 'x--y', 'a/*b', 'not', 'distinct', 'timestamp', 'cast',
  'property_get', 'unit', 'is', 'in', 'as', 'desc', '$column', '${column}', '[[column]]', '${column:raw}', 'a$b', '$', 'tab\there',
]; // prettier-ignore
const STRINGS = [
  '', ' ', 'renderer', "it's", "''", '50%', 'a_b', '\\', '%', '\\%', 'a\nb', '$exe', '${exe}', '${exe:raw}', '[[exe]]', '$my_exe%',
  '%$my_exe', '日本😀', '-- no', '/* no */', ') OR (1=1', '"', "'", '$', '$$', '{{x}}', '1', 'true', 'null', '(a|b)+', '${', '${a b}', '$__from',
  'x\\', "\\'", '$__interval',
]; // prettier-ignore
const NUMBERS = [
  '0',
  '1',
  '-5',
  '+3',
  '2.5',
  '1e9',
  '1.5E-3',
  '$limit',
  '${limit}',
  '[[limit]]',
  '12345678901234567890',
];
const TIMES = ['2026-01-02T03:04:05Z', '2026-01-02 03:04:05.123', '$start', '$__timeFrom()', '$__timeTo()', "o'clock"];
const BOOLEANS = ['true', 'false', '$flag', 'maybe'];
const RAWS = [
  "exe = 'a' OR computer = 'b'",
  'abs(value - 1) > 2',
  'value BETWEEN 1 AND 2',
  "exe IN (SELECT exe FROM processes WHERE exe = 'x' AND true)",
  'NOT (a AND b)',
  "$__conditionalAll(exe IN ($exe), $exe)",
  "CASE WHEN a AND b THEN true ELSE c END",
  'lower(exe) = $exe',
  'value < other',
  "msg LIKE 'a%b%'",
  'exists (SELECT 1)',
  'x = ANY(array[1, 2])',
  "time > now() - interval '1 hour'",
]; // prettier-ignore
const INTERVALS = ['auto', '1s', '5m', '1h', '1d', '1w', '1M', '$interval', '${interval}', 'every day'];
const DURATIONS = ['5', '1.5s', '250us', '3m', '2h', '100ns', '-1e3us', '$ms', '1e2'];
const SPAN_IDS = ['5b8aa5a2d2c872e8', '$Span', '${span}', 'not hex'];
const IDS = ['$process', '${process}', '6f9619ff-8b86-d011-b42d-00c04fc964ff', "it's"];

export class RandomStates {
  #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** An integer of at least 0 and below `count`. */
  #below(count: number): number {
    // The generator mulberry32.
    this.#seed = (this.#seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#seed ^ (this.#seed >>> 15), 1 | this.#seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * count);
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#below(items.length)];
  }

  #chance(): boolean {
    return this.#below(2) === 0;
  }

  #list<T>(maxLength: number, make: () => T): T[] {
    return Array.from({ length: this.#below(maxLength + 1) }, make);
  }

  #optional<K extends string, T>(key: K, make: () => T): { [Key in K]?: T } {
    return this.#chance() ? {} : ({ [key]: make() } as { [Key in K]?: T });
  }

  #name(): string {
    return this.#pick(NAMES);
  }

  #ref(): ColumnRef {
    return this.#below(3) === 0
      ? { column: this.#name(), property: this.#pick(STRINGS) || 'key' }
      : { column: this.#name() };
  }

  #values(type: ConditionType, operator: ConditionOperator, column: string): string[] {
    if (operator === 'is-null' || operator === 'is-not-null') {
      return [];
    }
    const needsStrings = ['contains', 'not-contains', 'starts-with', 'matches', 'not-matches'].includes(operator);
    const numbers = column === 'level' ? [...LEVEL_NAMES, '0', '7', '$level'] : NUMBERS;
    const values = needsStrings
      ? STRINGS.filter((value) => value !== '')
      : {
          text: STRINGS,
          json: STRINGS,
          number: numbers,
          time: TIMES,
          boolean: BOOLEANS,
          bytes: SPAN_IDS,
          list: STRINGS,
        }[type];
    const count = operator === 'in' || operator === 'not-in' ? 1 + this.#below(3) : 1;
    return Array.from({ length: count }, () => this.#pick(values));
  }

  #condition(): BuilderCondition {
    const condition = this.#anyCondition();
    const isSingleVariable = !('raw' in condition) && condition.values.length === 1 && isVariable(condition.values[0]);
    // If the only value is a variable, `=` and `in` have the same SQL. This SQL is read back as `=`.
    if (!isSingleVariable || !STRING_TYPES.includes(condition.type)) {
      return condition;
    }
    const { operator } = condition;
    return { ...condition, operator: operator === 'in' ? '=' : operator === 'not-in' ? '!=' : operator };
  }

  #anyCondition(): BuilderCondition {
    if (this.#below(5) === 0) {
      return { raw: this.#pick(RAWS) };
    }
    const operator = this.#pick(CONDITION_OPERATORS);
    const needsString = /contains|starts|matches|null/.test(operator);
    const type = needsString ? 'text' : this.#pick<ConditionType>(CONDITION_TYPES);
    const column = type === 'number' ? this.#pick([...NAMES, 'level', 'duration']) : this.#name();
    if (type === 'json' || (needsString && this.#chance())) {
      const property = this.#pick(STRINGS) || 'key';
      return { column, property, type: 'json', operator, values: this.#values('json', operator, '') };
    }
    return { column, type, operator, values: this.#values(type, operator, column) };
  }

  #conditions(): BuilderCondition[] {
    return this.#list(4, () => this.#condition());
  }

  metrics(): MetricsState {
    const shape = this.#pick(['series', 'rows', 'number'] as const);
    const aggregation = this.#pick(AGGREGATIONS);
    const hasInterval = shape === 'series';
    // The intervals whose length is known.
    const lengths = INTERVALS.slice(0, 7);
    // Groups with these names, or with a repeated name, are not read back, because the builder omits or renames them.
    const groupBy = this.#list(3, () => this.#ref()).filter(
      ({ column, property }, index, all) =>
        !['unit', 'time', 'value'].includes(property ?? column) &&
        all.findIndex((other) => (other.property ?? other.column) === (property ?? column)) === index
    );
    const isSeries = hasInterval || (shape === 'rows' && groupBy.length === 0);
    const interval = isSeries ? this.#pick(aggregation === 'increment-rate' ? lengths : INTERVALS) : 'auto';
    const fill: Pick<MetricsState, 'fill' | 'zonedFill'> = isSeries
      ? this.#optional('fill', () => this.#pick(FILL_MODES))
      : {};
    const hasGroups = shape !== 'number' && (shape === 'series' || groupBy.length > 0);
    return {
      kind: 'metrics',
      name: this.#pick(STRINGS) || 'frame_time',
      ...this.#optional('unit', () => this.#pick(STRINGS)),
      aggregation,
      groupBy: hasGroups ? groupBy : [],
      // If there were no groups, the shape `rows` would be read back as `number`.
      shape: shape === 'rows' && groupBy.length === 0 ? 'series' : shape,
      interval,
      ...fill,
      ...(fill.fill !== undefined && isDays(interval) && this.#optional('zonedFill', () => true as const)),
      ...this.#optional('processId', () => this.#pick(IDS)),
      conditions: this.#conditions(),
    };
  }

  logs(): LogsState {
    return {
      kind: 'logs',
      minLevel: 1 + this.#below(6),
      ...this.#optional('processId', () => this.#pick(IDS)),
      conditions: this.#conditions(),
      order: this.#pick(['newest', 'oldest'] as const),
      ...this.#optional('limit', () => 1 + this.#below(5000)),
    };
  }

  processes(): ProcessesState {
    return {
      kind: 'processes',
      aliveInRange: this.#chance(),
      conditions: this.#conditions(),
      ...this.#optional('limit', () => 1 + this.#below(5000)),
    };
  }

  spans(): SpansState {
    return {
      kind: 'spans',
      processId: this.#pick(IDS),
      spans: this.#pick(['otel', 'thread', 'async'] as const),
      conditions: [
        ...this.#conditions(),
        {
          column: 'duration',
          type: 'number',
          operator: this.#pick(['<', '>=', '!=']),
          values: [this.#pick(DURATIONS)],
        },
      ],
      order: this.#pick(['slowest', 'newest'] as const),
      ...this.#optional('limit', () => 1 + this.#below(5000)),
    };
  }

  #selected(): SelectedColumn {
    switch (this.#below(5)) {
      case 0:
        return {
          raw: this.#pick(['count(*) FILTER (WHERE a)', 'exe || computer AS x', 'lower(exe)', 'a + b AS c', 't.*']),
        };
      case 1:
        return {
          column: '*',
          aggregation: 'count',
          ...this.#optional('alias', () => this.#pick(['n', 'N N', '$alias'])),
        };
      case 2:
        return { ...this.#ref(), aggregation: this.#pick(TABLE_AGGREGATIONS) };
      case 3:
        return { ...this.#ref(), alias: this.#pick(['n', 'N N', '$alias', 'select']) };
      default:
        return this.#ref();
    }
  }

  #sortKey(): SortKey {
    const by = this.#chance() ? this.#ref() : { raw: this.#pick(['lower(exe)', '2', 'a + b', 'exe NULLS FIRST']) };
    return { by, descending: !('raw' in by && by.raw.includes('NULLS')) && this.#chance() };
  }

  table(): TableState {
    const groupBy = this.#list(2, () =>
      this.#chance() ? this.#ref() : { raw: this.#pick(['lower(exe)', 'exe || computer', 'a + b']) }
    );
    const columns = this.#list(3, () => this.#selected());
    const state: TableState = {
      kind: 'table',
      table: this.#name(),
      ...this.#optional('instanceId', () => this.#pick(IDS)),
      ...this.#optional('time', () => ({
        column: this.#name(),
        ...(this.#chance() && {
          interval: this.#pick(INTERVALS),
          ...this.#optional('fill', () => this.#pick(FILL_MODES)),
        }),
      })),
      // The builder adds the unselected groups to the result, so they are read back as selected columns.
      columns: [...columns, ...unselectedGroups({ columns, groupBy })],
      conditions: this.#conditions(),
      groupBy,
      orderBy: this.#list(2, () => this.#sortKey()),
      ...this.#optional('limit', () => this.#pick(['10', '$limit', '${limit}'])),
    };
    // The builder groups by the other selected columns, so these columns are read back as groups.
    return { ...state, groupBy: [...groupBy, ...implicitGroups(state)] };
  }

  values(): ValuesState {
    const of = this.#pick(['column', 'property-keys', 'processes'] as const);
    const rest = { conditions: this.#conditions(), ...this.#optional('limit', () => 1 + this.#below(900)) };
    if (of === 'processes') {
      return { kind: 'values', of, table: '', value: { column: '' }, ...rest };
    }
    return {
      kind: 'values',
      of,
      table: this.#name(),
      ...this.#optional('instanceId', () => this.#pick(IDS)),
      ...this.#optional('timeColumn', () => this.#name()),
      value: of === 'column' ? this.#ref() : { column: this.#name() },
      ...(of === 'column' && this.#optional('text', () => this.#ref())),
      ...rest,
    };
  }
}
