/**
 * The format "time series": one frame of the kind `timeseries-wide` for panels, or the frames of the kind
 * `timeseries-multi` for alert rules and expressions.
 *
 * String columns become labels; numbers and booleans become values. Each set of labels is a series. In both kinds,
 * times must ascend and not be null, and fields must differ in name or labels. A result that meets the rules of
 * `timeseries-wide` already (no labels, strictly ascending times) is passed on unchanged.
 */
import { type Steps } from '../../base/async/turns';
import { asInt32, type PlainColumn } from '../arrow-ipc';
import { shownName } from '../../base/errors/foreign-string';
import { BigIntegers } from './big-integers';
import { CodeTuples } from './pair-index';
import { columnConfig, levelColor } from './column-display';
import { emptySeries, isFilledWithoutRows } from './empty-series';
import { type FrameBuilder, type FrameContext, type MadeBytes, type ResultRows } from './frame-builder';
import {
  checkHeaderLength,
  type FieldDescription,
  frameHeader,
  type FrameKind,
  furtherHeader,
  MULTI_SERIES,
  timeField,
} from './frame-field';
import { addInSteps, createFrameWriter, type FrameWriter, JSON_CELL_BYTES } from './frame-writer';
import { convertColumn, type ResultColumn, rowsHave, vectorOf } from './result-columns';
import { missingTimes, repeatedTimes, tooManyCells } from './series-advice';
import { SeriesLegend } from './series-legend';
import { type GapFill, gapFill, hasFewGaps } from './series-gaps';
import { findSeriesColumns, type LabelColumn, type Series, sortedSeries } from './series-columns';
import { separate, type SeparateSeries, withoutGaps } from './separate-series';
import { type SeriesRows } from './series-cells';
import { MAX_CELLS, type WideSeries, widen } from './wide-series';

const WIDE: FrameKind = { type: 'timeseries-wide', typeVersion: [0, 1] };

/** Estimated bytes of a field as JavaScript objects: names, labels, views, metadata. */
const FIELD_HEAP_BYTES = 2048;
/** Estimated bytes for each value of a row, including a share of empty cells. */
const EXPECTED_CELL_BYTES = 12;
/** Estimated bytes per row with a wide frame, for the position of the row. */
const EXPECTED_ROW_BYTES = 12;
/** Estimated bytes per row with one frame per series, for the time and for the arrays that order the rows. */
const EXPECTED_SEPARATE_ROW_BYTES = 36;
/** Estimated bytes with one frame per series, for the time column and for each value column of a series. */
const EXPECTED_SERIES_BYTES = 144;
/** Estimated bytes of a frame without its rows, in both encodings. */
const FRAME_BYTES = 1536;
/** Number of frames between two yields. Writing this number takes some milliseconds. */
const FRAMES_PER_STEP = 64;

/** If several rows have the same time and series, the last row is used. */
export class TimeSeriesFrame implements FrameBuilder {
  readonly #context: FrameContext;
  readonly #time: ResultColumn;
  readonly #labels: readonly LabelColumn[];
  readonly #values: readonly ResultColumn[];
  readonly #tuples: CodeTuples;
  readonly #bigIntegers: BigIntegers;
  readonly #fill: GapFill | undefined;
  readonly #legend: SeriesLegend | undefined;
  readonly #chunks: SeriesRows[] = [];
  readonly #writer: FrameWriter;
  /**
   * Number of rows that are not passed on unchanged: those of the first batch that breaks a rule, and of all later
   * batches. 0 after the account has begun to count the cells of these rows.
   */
  #wideRows = 0;
  #nullTimes = 0;
  #rows = 0;
  readonly #isMulti: boolean;
  #isAscending: boolean;
  /** The two 32-bit halves of the last time. */
  #lastHigh = -0x80000000;
  #lastLow = -1;

  /** @throws {ProxyError} 'time_series_shape' if there is no time column, or no value column. */
  constructor(columns: readonly ResultColumn[], context: FrameContext) {
    this.#context = context;
    const { options, notices } = context;
    const { time, labels, values } = findSeriesColumns(columns, options.labelColumns ?? [], notices, options.memory);
    this.#time = time;
    this.#labels = labels;
    this.#values = values;
    this.#tuples = new CodeTuples(labels.length, options.memory);
    this.#bigIntegers = new BigIntegers(options, notices);
    this.#fill = gapFill(context, values);
    this.#legend = options.legend === undefined ? undefined : new SeriesLegend(options.legend, options.groupByKeys);
    this.#writer = createFrameWriter(options.encoding, options.memory);
    this.#isMulti = options.seriesFrames === 'multi';
    this.#isAscending = labels.length === 0 && this.#fill === undefined && !this.#isMulti;
  }

  add(rows: ResultRows): void {
    const time = convertColumn(this.#time, rows.columns);
    this.#nullTimes += time.nullCount;
    this.#isAscending &&= time.nullCount === 0 && this.#ascends(time);
    this.#wideRows += this.#isAscending ? 0 : rows.length;
    const series = this.#tuples.add(
      this.#labels.map((label) => label.codes.codes(vectorOf(label, rows.columns))),
      rows.length
    );
    const values = this.#values.map((column) => {
      const converted = convertColumn(column, rows.columns);
      this.#bigIntegers.check(column, converted);
      return converted;
    });
    this.#chunks.push({ length: rows.length, time, series, values });
    this.#rows += rows.length;
  }

  get made(): MadeBytes {
    const expectedBytes = Math.max(0, this.#expectedBytes - this.#writer.stringBytes);
    return {
      bytes: this.#expectedCells + expectedBytes + this.frameBytes,
      heapBytes: this.#tuples.size * this.#values.length * FIELD_HEAP_BYTES,
    };
  }

  get fillsEmptyResult(): boolean {
    return isFilledWithoutRows(this.#fill, this.#labels, this.#values);
  }

  /** Bytes of the frames without their rows. 0 for a wide frame. */
  get frameBytes(): number {
    return this.#isMulti ? this.#tuples.size * this.#values.length * FRAME_BYTES : 0;
  }

  missingTimes(): string | undefined {
    const { window, timezone } = this.#context.options;
    return missingTimes(
      this.#chunks.map(({ time }) => time),
      window,
      timezone
    );
  }

  *finish(): Steps<Uint8Array[][]> {
    if (this.#nullTimes > 0) {
      this.#context.notices.warn(
        `${rowsHave(this.#nullTimes)} no time in ${shownName(this.#time.name)}. Rows without a time are left out.`
      );
    }
    const empty = this.#rows === 0 ? yield* this.#filledWithoutRows() : undefined;
    if (empty !== undefined) {
      return empty;
    }
    if (this.#rows === this.#nullTimes) {
      // Alert rules treat a frame without fields as "no data". This frame contains the notice.
      return [this.#writer.finish(frameHeader([], this.#isMulti ? MULTI_SERIES : {}, this.#context))];
    }
    return this.#isMulti ? yield* this.#multi() : [yield* this.#isAscending ? this.#unchanged() : this.#wide()];
  }

  /** The frames of a result that has no rows, if gaps are filled with a number. Else undefined. */
  *#filledWithoutRows(): Steps<Uint8Array[][] | undefined> {
    const { memory } = this.#context.options;
    const series = isFilledWithoutRows(this.#fill, this.#labels, this.#values)
      ? yield* emptySeries(this.#fill, this.#values, memory)
      : undefined;
    if (series === undefined) {
      return undefined;
    }
    const fields = this.#values.map((column) => this.#valueField(column));
    if (!this.#isMulti) {
      yield* addInSteps(this.#writer, series.time.length, [series.time, ...series.values]);
      return [this.#frame(fields, [series.time])];
    }
    const frames: Uint8Array[][] = [];
    for (const [index, field] of fields.entries()) {
      frames.push(yield* this.#separateFrame(series.time, series.values[index], field, frames.length === 0));
    }
    return frames;
  }

  *#separateFrame(
    time: PlainColumn,
    values: PlainColumn,
    field: FieldDescription,
    isFirst: boolean
  ): Steps<Uint8Array[]> {
    const { options } = this.#context;
    const writer = createFrameWriter(options.encoding, options.memory);
    yield* addInSteps(writer, time.length, [time, values]);
    return writer.finish(
      (isFirst ? frameHeader : furtherHeader)([timeField(undefined), field], MULTI_SERIES, this.#context)
    );
  }

  /** Estimated bytes of the cells. Counted with each batch, so that a result that becomes too large is truncated. */
  get #expectedCells(): number {
    const [rowBytes, seriesBytes] = this.#isMulti
      ? [EXPECTED_SEPARATE_ROW_BYTES, this.#tuples.size * (1 + this.#values.length) * EXPECTED_SERIES_BYTES]
      : [EXPECTED_ROW_BYTES, 0];
    return this.#wideRows * (this.#values.length * EXPECTED_CELL_BYTES + rowBytes) + seriesBytes;
  }

  /** Estimated bytes of the JSON, which is written after the last row. */
  get #expectedBytes(): number {
    return this.#context.options.encoding === 'json' ? this.#rows * (1 + this.#values.length) * JSON_CELL_BYTES : 0;
  }

  *#unchanged(): Steps<Uint8Array[]> {
    for (const { length, time, values } of this.#chunks) {
      yield* addInSteps(this.#writer, length, [time, ...values]);
    }
    const times = this.#chunks.map(({ time }) => time);
    return this.#frame(
      this.#values.map((column) => this.#valueField(column)),
      times
    );
  }

  *#widened(): Steps<WideSeries> {
    const expected = this.#expectedCells;
    this.#wideRows = 0;
    return yield* widen(this.#chunks, this.#tuples.size, {
      memory: this.#context.options.memory,
      fill: this.#fill,
      fits: (bytes) => bytes <= expected || this.#context.options.memory.canHold(bytes - expected),
      tooLarge: (times, limit) =>
        tooManyCells({ times, series: this.#tuples.size, labels: this.#labels }, this.#reasonOf(limit)),
    });
  }

  /** The series for `timeseries-multi`: nulls that only fill gaps are dropped, zeros and previous values are kept. */
  *#separated(): Steps<SeparateSeries> {
    const { memory } = this.#context.options;
    if (this.#fill !== undefined && this.#fill.value !== 'null') {
      return yield* withoutGaps(yield* this.#widened(), memory);
    }
    this.#wideRows = 0;
    return yield* separate(this.#chunks, this.#tuples.size, memory);
  }

  *#multi(): Steps<Uint8Array[][]> {
    const { series, duplicates } = yield* this.#separated();
    this.#warnOfRepeated(duplicates);
    const sorted = this.#sortedSeries();
    const frames: Uint8Array[][] = [];
    let nameLength = 0;
    for (const [index, column] of this.#values.entries()) {
      for (const of of sorted) {
        const { time, values } = series[of.id][index];
        if (time.length > 0) {
          const field = this.#valueField(column, of);
          nameLength += field.displayName?.length ?? 0;
          checkHeaderLength(nameLength);
          frames.push(yield* this.#separateFrame(time, values, field, frames.length === 0));
        }
        if (frames.length % FRAMES_PER_STEP === 0) {
          yield;
        }
      }
    }
    return frames;
  }

  #sortedSeries(): Series[] {
    const { hidesSharedUnit } = this.#context.options;
    const sorted = sortedSeries(this.#labels, this.#tuples, this.#values.length, hidesSharedUnit);
    this.#legend?.shortenPrograms(sorted.map(({ labels }) => labels));
    return sorted;
  }

  #warnOfRepeated(duplicates: number): void {
    if (duplicates > 0) {
      this.#context.notices.warn(repeatedTimes(duplicates, this.#values));
    }
  }

  *#wide(): Steps<Uint8Array[]> {
    const { time, values, duplicates } = yield* this.#widened();
    this.#warnOfRepeated(duplicates);
    const sorted = this.#sortedSeries();
    const fields: FieldDescription[] = [];
    const columns: PlainColumn[] = [time];
    let nameLength = 0;
    this.#values.forEach((column, index) => {
      for (const series of sorted) {
        const cells = values[index]?.[series.id];
        if (cells !== undefined) {
          const field = this.#valueField(column, series);
          columns.push(cells);
          fields.push(field);
          nameLength += field.displayName?.length ?? 0;
          checkHeaderLength(nameLength);
        }
      }
    });
    yield* addInSteps(this.#writer, time.length, columns);
    return this.#frame(fields, [time]);
  }

  #valueField(column: ResultColumn, series?: Series): FieldDescription & { displayName?: string } {
    const color = levelColor(series?.labels);
    const display = columnConfig(column, series?.unit);
    const config = color === undefined ? display : { ...display, ...color };
    const displayName = this.#legend?.nameOf(column.name, series && { unit: series.unit, ...series.labels });
    return {
      name: column.name,
      kind: column.converter.kind,
      nullable: true,
      labels: series?.labels,
      // `displayName` in the config would have precedence over the overrides of a panel.
      config: displayName === undefined ? config : { ...config, displayNameFromDS: displayName },
      displayName,
    };
  }

  #reasonOf(limit: 'cells' | 'memory'): string {
    return limit === 'memory'
      ? this.#context.options.memoryLimitReason
      : `one result may have ${MAX_CELLS / 1_000_000} million values`;
  }

  /** @param times The times of the rows, ascending. */
  #frame(values: readonly FieldDescription[], times: readonly PlainColumn[]): Uint8Array[] {
    const { binMs } = this.#context.options;
    const time = timeField(binMs !== undefined && hasFewGaps(times, binMs) ? binMs : undefined);
    return this.#writer.finish(frameHeader([time, ...values], WIDE, this.#context));
  }

  /**
   * True when each time is later than the previous time, which may be in an earlier batch. Compares the 32-bit halves
   * of the times, because BigInts are slower.
   */
  #ascends(time: PlainColumn): boolean {
    const halves = asInt32(time.values, time.length * 2);
    for (let row = 0; row < time.length; row++) {
      const high = halves[row * 2 + 1];
      const low = halves[row * 2] >>> 0;
      if (high < this.#lastHigh || (high === this.#lastHigh && low <= this.#lastLow)) {
        return false;
      }
      this.#lastHigh = high;
      this.#lastLow = low;
    }
    return true;
  }
}
