/**
 * The format "time series": one frame of kind `timeseries-wide`, which panels, alert rules and expressions read alike.
 *
 * Text columns become labels, numbers and booleans become values; each set of labels is a series. Grafana requires of this
 * kind that times ascend and are never null, and that no two fields share name and labels. A result that is like this
 * already (no text columns, strictly ascending) is handed on untouched.
 *
 * Grafana's reader would take a JSON or second time column for a value and fail, so those are left out, with a notice.
 */
import { ArrowFileWriter } from '../arrow-ipc/file-writer';
import { type PlainColumn } from '../arrow-ipc/plain-column';
import { asInt32 } from '../arrow-ipc/vector';
import { ProxyError } from '../errors/proxy-error';
import { CodeTuples } from './code-tuples';
import { type FrameBuilder, type ResultRows } from './frame-builder';
import { type FieldDescription, type FrameKind, frameSchema } from './frame-field';
import { type FrameOptions } from './frame-options';
import { type Notices } from './notices';
import {
  columnConfig,
  convertColumn,
  describeColumns,
  findTimeColumn,
  isTextColumn,
  type ResultColumn,
  rowsHave,
  uniqueNames,
  valueType,
  vectorOf,
} from './result-columns';
import { TextCodes } from './text-codes';
import { type SeriesRows, widen } from './wide-series';

const KIND: FrameKind = { type: 'timeseries-wide', typeVersion: [0, 1] };
const NEVER_A_VALUE = ['utf8', 'json', 'timestamp'];

interface Chunk extends SeriesRows {
  rows: ResultRows;
}

export class TimeSeriesFrame implements FrameBuilder {
  private readonly time: ResultColumn;
  private readonly labels: ReadonlyArray<ResultColumn & { codes: TextCodes }>;
  private readonly values: readonly ResultColumn[];
  private readonly tuples: CodeTuples;
  private readonly chunks: Chunk[] = [];
  private nullTimes = 0;
  private ascending = true;
  /** Halves of the last time seen. */
  private lastHigh = -0x80000000;
  private lastLow = -1;

  /** @throws {ProxyError} 'time_series_shape' when there is no time column or nothing to draw. */
  constructor(
    private readonly columns: readonly ResultColumn[],
    private readonly options: FrameOptions,
    private readonly notices: Notices
  ) {
    this.time = timeOf(columns);
    this.labels = renamed(columns.filter((column) => isLabel(column))).map((column) => ({
      ...column,
      codes: new TextCodes(column.type),
    }));
    this.values = renamed(columns.filter((column) => !NEVER_A_VALUE.includes(column.converter.kind)));
    if (this.values.length === 0) {
      throw shapeError('There is no numeric column', columns);
    }
    this.tuples = new CodeTuples(this.labels.length);
    this.noticeLeftOut();
  }

  add(rows: ResultRows): void {
    const time = convertColumn(this.time, rows.columns);
    this.nullTimes += time.nullCount;
    this.ascending &&= this.labels.length === 0 && time.nullCount === 0 && this.ascends(time);
    const series = this.tuples.add(
      this.labels.map((label) => label.codes.codes(vectorOf(label, rows.columns))),
      rows.length
    );
    const values = this.values.map((column) => convertColumn(column, rows.columns));
    this.chunks.push({ rows, length: rows.length, time, series, values });
  }

  finish(): Uint8Array[][] {
    if (this.nullTimes > 0) {
      this.notices.warn(`${rowsHave(this.nullTimes)} no time in "${this.time.name}": left out.`);
    }
    const rows = this.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    if (rows === this.nullTimes) {
      return [];
    }
    return [this.ascending ? this.untouched() : this.wide()];
  }

  private untouched(): Uint8Array[] {
    const writer = new ArrowFileWriter();
    const whole =
      this.time.index === 0 &&
      this.values.length === this.columns.length - 1 &&
      this.columns.every((column) => column.converter.passesThrough);
    for (const { rows, length, time, values } of this.chunks) {
      if (whole && rows.whole !== undefined) {
        writer.addMessage(rows.whole.message);
      } else {
        writer.addBatch(length, [time, ...values]);
      }
    }
    return this.file(
      writer,
      this.values.map((column) => valueField(column))
    );
  }

  private wide(): Uint8Array[] {
    const { time, values, duplicates } = widen(this.chunks, this.tuples.size);
    if (duplicates > 0) {
      this.notices.warn(
        `${rowsHave(duplicates)} the time and labels of an earlier row; the last one counts. Aggregate in SQL to combine them.`
      );
    }
    const series = this.sortedSeries();
    const writer = new ArrowFileWriter();
    const fields: FieldDescription[] = [];
    const columns: PlainColumn[] = [time];
    this.values.forEach((column, index) => {
      for (const { id, labels } of series) {
        const cells = values[index]?.[id];
        if (cells !== undefined) {
          columns.push(cells);
          fields.push(valueField(column, labels));
        }
      }
    });
    writer.addBatch(time.length, columns);
    return this.file(writer, fields);
  }

  private file(writer: ArrowFileWriter, values: readonly FieldDescription[]): Uint8Array[] {
    const time: FieldDescription = { name: 'time', kind: 'timestamp', nullable: false };
    return writer.finish(frameSchema([time, ...values], KIND, this.options, this.notices));
  }

  /** The label sets in the order of their texts, so that colours stay with their series from one refresh to the next. */
  private sortedSeries(): Array<{ id: number; labels: Record<string, string> | undefined }> {
    const series = Array.from({ length: this.tuples.size }, (_, id) => {
      const codes = this.tuples.codes(id);
      const texts = this.labels.map((label, position) => label.codes.text(codes[position] ?? 0) ?? '');
      return { id, texts };
    });
    series.sort((a, b) => compareTexts(a.texts, b.texts));
    return series.map(({ id, texts }) => ({
      id,
      labels:
        this.labels.length === 0
          ? undefined
          : Object.fromEntries(this.labels.map(({ name }, position) => [name, texts[position] ?? ''])),
    }));
  }

  /** True when each time is later than the one before, across batches. Compares halves: a BigInt per row would cost more. */
  private ascends(time: PlainColumn): boolean {
    const halves = asInt32(time.values, time.length * 2);
    for (let row = 0; row < time.length; row++) {
      const high = halves[row * 2 + 1] ?? 0;
      const low = (halves[row * 2] ?? 0) >>> 0;
      if (high < this.lastHigh || (high === this.lastHigh && low <= this.lastLow)) {
        return false;
      }
      this.lastHigh = high;
      this.lastLow = low;
    }
    return true;
  }

  private noticeLeftOut(): void {
    const used = [this.time, ...this.values, ...this.labels].map((column) => column.index);
    const leftOut = this.columns.filter((column) => !used.includes(column.index));
    if (leftOut.length > 0) {
      this.notices.info(`Not part of the time series, since neither number nor text: ${describeColumns(leftOut)}.`);
    }
  }
}

function timeOf(columns: readonly ResultColumn[]): ResultColumn {
  const time = findTimeColumn(columns);
  if (time === undefined) {
    throw shapeError('There is no timestamp column', columns);
  }
  return time;
}

function shapeError(problem: string, columns: readonly ResultColumn[]): ProxyError {
  return new ProxyError('time_series_shape', { detail: `${problem} among: ${describeColumns(columns)}.` });
}

/** Columns whose names differ: two series of one name and the same labels would be one to Grafana. */
function renamed(columns: readonly ResultColumn[]): ResultColumn[] {
  const names = uniqueNames(columns.map((column) => column.name));
  return columns.map((column, index) => ({ ...column, name: names[index] ?? column.name }));
}

/** Texts tell series apart, and so do ids of fixed size. */
function isLabel(column: ResultColumn): boolean {
  return isTextColumn(column) || valueType(column.type).kind === 'fixedSizeBinary';
}

function valueField(column: ResultColumn, labels?: Record<string, string>): FieldDescription {
  return { name: column.name, kind: column.converter.kind, nullable: true, labels, config: columnConfig(column) };
}

function compareTexts(a: readonly string[], b: readonly string[]): number {
  const position = a.findIndex((text, index) => text !== b[index]);
  return position < 0 ? 0 : (a[position] ?? '') < (b[position] ?? '') ? -1 : 1;
}
