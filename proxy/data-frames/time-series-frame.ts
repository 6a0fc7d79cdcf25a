/**
 * The format "time series": one frame of the kind `timeseries-wide`, which panels, alert rules and expressions can read.
 *
 * Text columns become labels, numbers and booleans become values. Each set of labels is a series. In this kind, times must
 * ascend and not be null, and fields must differ in name or labels. A result that meets these rules already (no text
 * columns, strictly ascending times) is passed on unchanged.
 */
import { asInt32, type PlainColumn } from '../arrow-ipc';
import { listText, quotedName } from '../errors/foreign-text';
import { BigIntegers } from './big-integers';
import { CodeTuples } from './pair-index';
import { columnConfig } from './column-display';
import { encodedNumber, type GapFill } from './fill-gaps';
import { type FrameContext, type MadeBytes, type ResultRows, type Steps } from './frame-context';
import { checkHeaderText, type FieldDescription, frameHeader, type FrameKind } from './frame-field';
import { JSON_CELL_BYTES } from './frame-output';
import { addInSteps, createFrameWriter, type FrameWriter } from './frame-writer';
import { convertColumn, type ResultColumn, rowsHave, vectorOf } from './result-columns';
import { repeatedTimes, tooManyCells } from './series-advice';
import { SeriesLegend } from './series-legend';
import { findSeriesColumns, type LabelColumn } from './series-columns';
import { isUnitColumn } from './unit-column';
import { MAX_CELLS, type SeriesRows, widen } from './wide-series';

const KIND: FrameKind = { type: 'timeseries-wide', typeVersion: [0, 1] };

/** Estimated bytes of a field as JavaScript objects: names, labels, views, metadata. */
const FIELD_HEAP_BYTES = 2048;
/** Estimated bytes per row for its cells in the wide form, for some empty cells, and for computing the positions. */
const EXPECTED_CELL_BYTES = 12;
const EXPECTED_ROW_BYTES = 12;

/** A set of labels. */
interface Series {
  /** Number among the tuples of codes. */
  id: number;
  labels: Record<string, string> | undefined;
  /** Value of the label `unit`. */
  unit: string | undefined;
}

export class TimeSeriesFrame {
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
  /** Number of rows that need cells in the wide form, counted from the first `add` with a row that breaks the rules above. */
  #wideRows = 0;
  #nullTimes = 0;
  #rows = 0;
  #isAscending: boolean;
  /** Halves of the last time. */
  #lastHigh = -0x80000000;
  #lastLow = -1;

  /** @throws {ProxyError} 'time_series_shape' without a time column or a value column. */
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
    this.#legend = options.legend === undefined ? undefined : new SeriesLegend(options.legend);
    this.#writer = createFrameWriter(options.encoding, options.memory);
    this.#isAscending = labels.length === 0 && this.#fill === undefined;
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
    const expectedText = Math.max(0, this.#expectedText - this.#writer.textBytes);
    return {
      bytes: this.#expectedWide + expectedText,
      heapBytes: this.#tuples.size * this.#values.length * FIELD_HEAP_BYTES,
    };
  }

  *finish(): Steps<Uint8Array[][]> {
    if (this.#nullTimes > 0) {
      this.#context.notices.warn(
        `${rowsHave(this.#nullTimes)} no time in ${quotedName(this.#time.name)}. Rows without a time are left out.`
      );
    }
    if (this.#rows === this.#nullTimes) {
      // Alert rules treat a frame without fields as "no data". This frame contains the notice.
      return [this.#writer.finish(frameHeader([], {}, this.#context))];
    }
    return [yield* this.#isAscending ? this.#unchanged() : this.#wide()];
  }

  /**
   * Estimated bytes of the wide form. They are counted early, so that a result with about one row per cell is truncated, not
   * rejected.
   */
  get #expectedWide(): number {
    return this.#wideRows * (this.#values.length * EXPECTED_CELL_BYTES + EXPECTED_ROW_BYTES);
  }

  /** Estimated bytes of the JSON text, which is written after the last row. */
  get #expectedText(): number {
    return this.#context.options.encoding === 'json' ? this.#rows * (1 + this.#values.length) * JSON_CELL_BYTES : 0;
  }

  *#unchanged(): Steps<Uint8Array[]> {
    for (const { length, time, values } of this.#chunks) {
      yield* addInSteps(this.#writer, length, [time, ...values]);
    }
    return this.#frame(this.#values.map((column) => this.#valueField(column)));
  }

  *#wide(): Steps<Uint8Array[]> {
    const expected = this.#expectedWide;
    this.#wideRows = 0;
    const { time, values, duplicates } = yield* widen(this.#chunks, this.#tuples.size, {
      memory: this.#context.options.memory,
      fill: this.#fill,
      fits: (bytes) => bytes <= expected || this.#context.options.memory.canHold(bytes - expected),
      tooLarge: (times, limit) =>
        tooManyCells({ times, series: this.#tuples.size, labels: this.#labels }, this.#reasonOf(limit)),
    });
    if (duplicates > 0) {
      this.#context.notices.warn(repeatedTimes(duplicates, this.#values));
    }
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
          checkHeaderText(nameLength);
        }
      }
    });
    yield* addInSteps(this.#writer, time.length, columns);
    return this.#frame(fields);
  }

  #valueField(column: ResultColumn, series?: Series): FieldDescription & { displayName?: string } {
    const config = columnConfig(column, series?.unit);
    const displayName = this.#legend?.nameOf(column.name, series?.labels);
    return {
      name: column.name,
      kind: column.converter.kind,
      nullable: true,
      labels: series?.labels,
      // Not `displayName`, which would have precedence over the overrides of a panel.
      config: displayName === undefined ? config : { ...config, displayNameFromDS: displayName },
      displayName,
    };
  }

  #reasonOf(limit: 'cells' | 'memory'): string {
    return limit === 'memory'
      ? this.#context.options.memoryLimitReason
      : `one answer may have ${MAX_CELLS / 1_000_000} million values`;
  }

  #frame(values: readonly FieldDescription[]): Uint8Array[] {
    const time: FieldDescription = { name: 'time', kind: 'timestamp', nullable: false };
    return this.#writer.finish(frameHeader([time, ...values], KIND, this.#context));
  }

  /** The series, sorted by their labels, so that a series has the same color after each refresh. */
  #sortedSeries(): Series[] {
    checkHeaderText(this.#labelBytes() * this.#values.length);
    const series = Array.from({ length: this.#tuples.size }, (_, id) => {
      const codes = this.#tuples.codes(id);
      const texts = this.#labels.map((label, position) => label.codes.text(codes[position]) ?? '');
      return { id, texts };
    });
    series.sort((a, b) => compareTexts(a.texts, b.texts));
    const unitAt = this.#labels.findIndex((label) => isUnitColumn(label));
    return series.map(({ id, texts }) => ({
      id,
      labels:
        this.#labels.length === 0
          ? undefined
          : Object.fromEntries(this.#labels.map(({ name }, position) => [name, texts[position]])),
      unit: unitAt < 0 ? undefined : texts[unitAt],
    }));
  }

  /** Bytes of the labels of all series, once they are written for each series. */
  #labelBytes(): number {
    let bytes = 0;
    for (let id = 0; id < this.#tuples.size; id++) {
      this.#tuples.codes(id).forEach((code, position) => {
        bytes += this.#labels[position].codes.bytes(code)?.length ?? 0;
      });
    }
    return bytes;
  }

  /** True when each time is later than the one before, across batches. It compares halves, which is faster than BigInts. */
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

function gapFill({ options, notices }: FrameContext, columns: readonly ResultColumn[]): GapFill | undefined {
  const { fillMode: value, window } = options;
  if (value === undefined || window === undefined) {
    return undefined;
  }
  const unfit = columns.filter(({ converter }) => typeof value === 'number' && !encodedNumber(converter.kind, value));
  if (unfit.length > 0) {
    notices.warn(
      `Gaps are not filled with ${value} in ${listText(unfit, ({ name }) => quotedName(name))}, because the type of the column cannot hold this number.`
    );
  }
  return { value, window, onUnfilled: (reason) => notices.warn(`Gaps are not filled: ${reason}.`) };
}

function compareTexts(a: readonly string[], b: readonly string[]): number {
  const position = a.findIndex((text, index) => text !== b[index]);
  return position < 0 ? 0 : a[position] < b[position] ? -1 : 1;
}
