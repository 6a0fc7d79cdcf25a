/**
 * The format "logs": one frame of the kind `log-lines`.
 *
 * Grafana finds the fields by their names: `timestamp` and `body` (both never null), `severity`, `id`, `labels`.
 * Strings (except `stream_id` and `block_id`), the level and properties become labels. All other columns are separate
 * fields, which Grafana lists in the details of a line. Grafana's list of fields counts a line twice if a label and a
 * field have the same name. So a level that is a number is a label and a hidden field. Labels cannot have links. So a
 * column with links, such as `process_id`, is also a field with another name (`linkFieldName`), and so are the ids of
 * trace and span in the properties. The fields depend on the columns of the result, never on its rows, because Grafana
 * joins the frames of pages by fields. Lines keep the order of the query, because Grafana sorts them.
 */
import { LOG_FIELDS, type LogFrameMeta } from '../../../contract/logs/log-frame';
import { type Steps } from '../../base/async/turns';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { scratchInt32 } from '../../observe/memory/typed-arrays';
import { asInt64, take, isPresent, type PlainColumn, StringColumnBuilder, stringOffsets } from '../arrow-ipc';
import { shownName } from '../../base/errors/foreign-string';
import { type FrameBuilder, type FrameContext, type MadeBytes, type ResultRows } from './frame-builder';
import { columnConfig, withFilterable } from './column-display';
import { hasLinks, linkFieldName, traceLinks, withLineLinks } from './data-links';
import { HIDDEN } from './explore-links';
import { type FieldDescription, type FrameKind } from './frame-field';
import { RowOutput } from './row-output';
import { LogIds } from './log-ids';
import { type LevelLabel, LogLabels } from './log-labels';
import { TRACE_FIELDS } from './log-traces';
import { findLogsColumns, type LogsColumns } from './logs-columns';
import { GRAFANA_LEVEL_NAMES, levelNumbers, severityColumn } from './log-severity';
import { convertColumn, isStringColumn, type ResultColumn, rowsHave, uniqueNames } from './result-columns';

const KIND: FrameKind = { type: 'log-lines', typeVersion: [0, 0], preferredVisualisationType: 'logs' };
/** Estimated bytes of an entry of a map. */
const ENTRY_HEAP_BYTES = 64;
const RESERVED_NAMES = Object.values(LOG_FIELDS);

/**
 * Drops rows without a time, with a notice. Adds the name of the time column and the sources of the labels to
 * `context.custom`.
 */
export class LogsFrame implements FrameBuilder {
  readonly #context: FrameContext;
  readonly #output: RowOutput;
  readonly #parts: LogsColumns;
  /** The columns of separate fields. */
  readonly #others: readonly ResultColumn[];
  readonly #hasTraces: boolean;
  readonly #labels: LogLabels;
  readonly #ids: LogIds;
  #nullTimes = 0;

  /** @throws {ProxyError} 'logs_shape' if there is no timestamp column, or no string column. */
  constructor(columns: readonly ResultColumn[], context: FrameContext) {
    this.#context = context;
    this.#parts = findLogsColumns(columns);
    const isLinked = context.options.linkTarget !== undefined;
    this.#others = [...this.#parts.others, ...(isLinked ? this.#parts.labels.filter(hasLinks) : [])];
    this.#hasTraces =
      isLinked &&
      this.#parts.properties.some(({ name }) => name === 'properties') &&
      !this.#others.some(({ name }) => TRACE_FIELDS.some((field) => field.name === name));
    this.#ids = new LogIds(context.options.memory);
    this.#labels = new LogLabels(
      this.#parts.labels,
      this.#parts.properties,
      context,
      this.#hasTraces,
      this.#levelLabel()
    );
    context.custom = { ...context.custom, ...this.#custom() };
    const computed = this.#fields().length - this.#others.length;
    this.#output = new RowOutput([...Array.from({ length: computed }, () => undefined), ...this.#others], context);
  }

  add({ length, columns }: ResultRows): void {
    const time = convertColumn(this.#parts.time, columns);
    const { memory } = this.#context.options;
    const body = withoutNulls(convertColumn(this.#parts.body, columns), memory);
    const levels = this.#levels(columns);
    const severity = this.#severity(columns, levels);
    const sets = this.#labels.add(columns, length, levels);
    const all = [
      time,
      body,
      ...(severity === undefined ? [] : [severity]),
      this.#ids.column(time, body),
      this.#labels.column(sets),
      ...this.#labels.traceColumns(sets),
      ...this.#others.map((column) => convertColumn(column, columns)),
    ];
    const kept = this.#withTime(time, all);
    if (kept[0] !== undefined && kept[0].length > 0) {
      this.#reportLines(kept[0]);
      this.#output.add(kept[0].length, kept);
    }
  }

  /** @param time Has at least one row, and no nulls. */
  #reportLines({ values, length }: PlainColumn): void {
    const [lastNs] = asInt64(values.subarray((length - 1) * BigInt64Array.BYTES_PER_ELEMENT), 1);
    this.#context.options.onLines?.(length, Number(lastNs / 1_000_000n));
  }

  get made(): MadeBytes {
    const entries = this.#ids.repeats + this.#labels.invalidValues;
    return { bytes: this.#output.expectedBytes, heapBytes: entries * ENTRY_HEAP_BYTES };
  }

  get keptBytes(): number {
    return this.#labels.keptBytes;
  }

  *finish(): Steps<Uint8Array[][]> {
    this.#warnAboutNullTimes();
    return [yield* this.#output.finish(this.#output.fields(this.#fields()), KIND)];
  }

  takePart(isLast: boolean): Uint8Array[] | undefined {
    const isKnown = this.#others.every(({ converter }) => converter.isSettled !== false);
    if (!this.#output.hasParts || !(isLast || isKnown)) {
      return undefined;
    }
    if (isLast) {
      this.#warnAboutNullTimes();
    }
    return this.#output.takePart(this.#output.fields(this.#fields()), KIND);
  }

  #warnAboutNullTimes(): void {
    if (this.#nullTimes > 0) {
      this.#context.notices.warn(
        `${rowsHave(this.#nullTimes)} no time in ${shownName(this.#parts.time.name)}. Rows without a time are left out.`
      );
    }
  }

  /** Data for the browser: the column that pages are ordered by, and the sources of the labels. */
  #custom(): LogFrameMeta {
    return { timeColumn: this.#parts.time.name, labels: this.#labels.sources };
  }

  /** The label with the level, if the level is a number. A level that is a string is a label like other strings. */
  #levelLabel(): LevelLabel | undefined {
    const { level } = this.#parts;
    const [, ...names] = GRAFANA_LEVEL_NAMES;
    return level === undefined || isStringColumn(level)
      ? undefined
      : { name: level.name, names: [undefined, ...names] };
  }

  /** The levels as numbers. Undefined for levels that are strings. */
  #levels(columns: ResultRows['columns']): Int32Array | undefined {
    const { level } = this.#parts;
    return level === undefined || isStringColumn(level)
      ? undefined
      : levelNumbers(convertColumn(level, columns), this.#context.options.memory);
  }

  /** The names of the levels. */
  #severity(columns: ResultRows['columns'], levels: Int32Array | undefined): PlainColumn | undefined {
    const { level } = this.#parts;
    return level === undefined
      ? undefined
      : levels === undefined
        ? convertColumn(level, columns)
        : severityColumn(levels, this.#context.options.memory);
  }

  /** Drops rows without a time. */
  #withTime(time: PlainColumn, columns: readonly PlainColumn[]): readonly PlainColumn[] {
    if (time.nullCount === 0) {
      return columns;
    }
    this.#nullTimes += time.nullCount;
    const { memory } = this.#context.options;
    const rows = scratchInt32(memory, time.length - time.nullCount);
    for (let row = 0, at = 0; row < time.length; row++) {
      if (isPresent(time.validity, row)) {
        rows[at++] = row;
      }
    }
    return columns.map((column) => take(column, rows, null, memory));
  }

  #fields(): FieldDescription[] {
    const { body, level, labels } = this.#parts;
    const traces = this.#hasTraces ? TRACE_FIELDS : [];
    const names = uniqueNames(
      [
        ...traces.map(({ name }) => name),
        ...this.#others.map((column) =>
          hasLinks(column) && labels.includes(column) ? linkFieldName(column.name) : column.name
        ),
      ],
      RESERVED_NAMES
    );
    const target = this.#context.options.linkTarget;
    return [
      { name: LOG_FIELDS.time, kind: 'timestamp', nullable: false },
      { name: LOG_FIELDS.body, kind: 'utf8', nullable: false, config: withFilterable(undefined, body, this.#context) },
      ...(level === undefined
        ? []
        : [
            {
              name: LOG_FIELDS.severity,
              kind: 'utf8',
              nullable: true,
              config: withFilterable(undefined, level, this.#context),
            } as const,
          ]),
      { name: LOG_FIELDS.id, kind: 'utf8', nullable: false },
      { name: LOG_FIELDS.labels, kind: 'json', nullable: false },
      ...traces.map(({ name }, index): FieldDescription => ({
        name: names[index],
        kind: 'utf8',
        nullable: true,
        config: name === 'trace_id' && target !== undefined ? traceLinks(target) : undefined,
      })),
      ...this.#others.map((column, index) => ({
        name: names[traces.length + index],
        kind: column.converter.kind,
        nullable: true,
        config:
          column === level
            ? HIDDEN
            : withLineLinks(withFilterable(columnConfig(column), column, this.#context), column, target),
      })),
    ];
  }
}

/** Replaces nulls by empty strings. */
function withoutNulls(column: PlainColumn, memory: MemoryAccount): PlainColumn {
  if (column.nullCount === 0) {
    return column;
  }
  const offsets = stringOffsets(column);
  const builder = new StringColumnBuilder(memory, column.length, column.values.length);
  for (let row = 0; row < column.length; row++) {
    if (isPresent(column.validity, row)) {
      builder.sink.copy(column.values, offsets[row], offsets[row + 1]);
    }
    builder.end();
  }
  return builder.finish('utf8');
}
