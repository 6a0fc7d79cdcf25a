/**
 * Checks the state of the builder in a saved query. Other tools and people also write dashboards, so the value may be
 * anything. The backend ignores the state.
 */
import {
  AGGREGATIONS,
  type BuilderCondition,
  type BuilderState,
  type ColumnRef,
  CONDITION_OPERATORS,
  CONDITION_TYPES,
  type LogsState,
  type MetricsState,
  type ProcessesState,
  type ResultShape,
  type SelectedColumn,
  type SortKey,
  type SpansState,
  TABLE_AGGREGATIONS,
  type TableState,
  type TimeColumn,
  type TypedCondition,
  type ValuesState,
} from './builder-state';
import { FILL_MODES } from '../result-format';

/** Maximum number of entries of a list, such as conditions or columns. */
const MAX_ENTRIES = 1000;
/** Maximum number of values of one condition. */
const MAX_VALUES = 1000;
/** Maximum number of UTF-16 units of a string. */
const MAX_CHARACTERS = 100_000;
/** Maximum number of UTF-16 units of all strings of a state in total. */
const MAX_TOTAL = 1024 * 1024;
/** Maximum value of a row limit. */
const MAX_ROWS = 1_000_000_000;

/** Thrown for a value that is not a state. */
class InvalidStateError extends Error {}

/** Reads the values of one state, and counts the UTF-16 units of its strings. */
class StateReader {
  #characters = 0;

  string = (value: unknown): string => {
    this.#characters += typeof value === 'string' ? value.length : 0;
    if (typeof value !== 'string' || value.length > MAX_CHARACTERS || this.#characters > MAX_TOTAL) {
      throw new InvalidStateError();
    }
    return value;
  };

  condition = (value: unknown): BuilderCondition =>
    'raw' in asObject(value) ? this.#raw(value) : this.#typedCondition(value);

  ref = (value: unknown): ColumnRef =>
    shape<ColumnRef>({ column: this.string, property: optional(this.string) }, value);

  refOrRaw = (value: unknown): ColumnRef | { raw: string } =>
    'raw' in asObject(value) ? this.#raw(value) : this.ref(value);

  selected = (value: unknown): SelectedColumn =>
    'raw' in asObject(value)
      ? this.#raw(value)
      : shape<Exclude<SelectedColumn, { raw: string }>>(
          {
            column: this.string,
            property: optional(this.string),
            aggregation: optional(oneOf(TABLE_AGGREGATIONS)),
            alias: optional(this.string),
          },
          value
        );

  sortKey = (value: unknown): SortKey => shape<SortKey>({ by: this.refOrRaw, descending: flag }, value);

  time = (value: unknown): TimeColumn =>
    shape<TimeColumn>({ column: this.string, interval: optional(this.string), fill: optional(fill) }, value);

  #raw = (value: unknown): { raw: string } => shape<{ raw: string }>({ raw: this.string }, value);

  #typedCondition = (value: unknown): TypedCondition =>
    shape<TypedCondition>(
      {
        column: this.string,
        property: optional(this.string),
        type: oneOf(CONDITION_TYPES),
        operator: oneOf(CONDITION_OPERATORS),
        values: listOf(this.string, MAX_VALUES),
      },
      value
    );
}

type Read<T> = (value: unknown) => T;

function asObject(value: unknown): Record<string, unknown> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new InvalidStateError();
  }
  return { ...value };
}

/** The object with the known fields only. Optional fields without a value are omitted. */
function shape<T extends object>(fields: { [Key in keyof T]-?: Read<T[Key]> }, value: unknown): T {
  const saved = asObject(value);
  const entries = Object.entries<Read<unknown>>(fields)
    .map(([key, read]) => [key, read(Object.hasOwn(saved, key) ? saved[key] : undefined)] as const)
    .filter(([, read]) => read !== undefined);
  return Object.fromEntries(entries) as T;
}

const fill = oneOf(FILL_MODES);

function optional<T>(read: Read<T>): Read<T | undefined> {
  return (value) => (value === undefined || value === null ? undefined : read(value));
}

function oneOf<T extends string>(words: readonly T[]): Read<T> {
  return (value) => {
    const word = words.find((known) => known === value);
    if (word === undefined) {
      throw new InvalidStateError();
    }
    return word;
  };
}

function listOf<T>(read: Read<T>, maxEntries = MAX_ENTRIES): Read<T[]> {
  return (value) => {
    if (!Array.isArray(value) || value.length > maxEntries) {
      throw new InvalidStateError();
    }
    return Array.from(value, (item: unknown) => read(item));
  };
}

function integer(minimum: number, maximum: number): Read<number> {
  return (value) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < minimum || value > maximum) {
      throw new InvalidStateError();
    }
    return value;
  };
}

function flag(value: unknown): boolean {
  if (typeof value !== 'boolean') {
    throw new InvalidStateError();
  }
  return value;
}

const limit = optional(integer(1, MAX_ROWS));

const KINDS: { [Kind in BuilderState['kind']]: (reader: StateReader, value: unknown) => BuilderState } = {
  metrics: (reader, value) =>
    shape<MetricsState>(
      {
        kind: oneOf(['metrics']),
        name: reader.string,
        unit: optional(reader.string),
        aggregation: oneOf(AGGREGATIONS),
        groupBy: listOf(reader.ref),
        shape: oneOf<ResultShape>(['series', 'rows', 'number']),
        interval: reader.string,
        fill: optional(fill),
        zonedFill: (flagged) => (flagged === true ? true : undefined),
        newestFirst: optional(flag),
        processId: optional(reader.string),
        conditions: listOf(reader.condition),
      },
      value
    ),
  logs: (reader, value) =>
    shape<LogsState>(
      {
        kind: oneOf(['logs']),
        minLevel: optional(integer(1, 6)),
        processId: optional(reader.string),
        conditions: listOf(reader.condition),
        order: oneOf(['newest', 'oldest']),
        limit,
      },
      value
    ),
  processes: (reader, value) =>
    shape<ProcessesState>(
      { kind: oneOf(['processes']), aliveInRange: flag, conditions: listOf(reader.condition), limit },
      value
    ),
  spans: (reader, value) =>
    shape<SpansState>(
      {
        kind: oneOf(['spans']),
        processId: reader.string,
        spans: oneOf(['otel', 'thread', 'async']),
        conditions: listOf(reader.condition),
        order: oneOf(['slowest', 'newest']),
        limit,
      },
      value
    ),
  table: (reader, value) =>
    shape<TableState>(
      {
        kind: oneOf(['table']),
        table: reader.string,
        instanceId: optional(reader.string),
        time: optional(reader.time),
        columns: listOf(reader.selected),
        conditions: listOf(reader.condition),
        groupBy: listOf(reader.refOrRaw),
        orderBy: listOf(reader.sortKey),
        limit: optional(reader.string),
        newestFirst: optional(flag),
      },
      value
    ),
  values: (reader, value) =>
    shape<ValuesState>(
      {
        kind: oneOf(['values']),
        of: oneOf(['column', 'property-keys', 'processes']),
        table: reader.string,
        instanceId: optional(reader.string),
        timeColumn: optional(reader.string),
        value: reader.ref,
        text: optional(reader.ref),
        conditions: listOf(reader.condition),
        limit,
      },
      value
    ),
};

const KIND_NAMES: readonly string[] = Object.keys(KINDS);

function isKind(kind: unknown): kind is BuilderState['kind'] {
  return typeof kind === 'string' && KIND_NAMES.includes(kind);
}

/**
 * The state in a saved query, with the known fields only. Undefined for a value that is not a state, or that exceeds a
 * limit of this file.
 *
 * @param value The field `builder`, as parsed from JSON.
 */
export function readBuilderState(value: unknown): BuilderState | undefined {
  try {
    const { kind } = asObject(value);
    return isKind(kind) ? KINDS[kind](new StateReader(), value) : undefined;
  } catch (reason) {
    if (reason instanceof InvalidStateError) {
      return undefined;
    }
    throw reason;
  }
}
