/** Encodes frames of JavaScript values, for results that the backend composes, such as a trace or a node graph. */
import { bitmapBytes, type PlainColumn, type PlainKind, setBit, StringColumnBuilder, withValidity } from '../arrow-ipc';
import { type Pace } from '../../base/async/turns';
import { takeZeros } from '../../observe/memory/typed-arrays';
import { type FieldConfig } from './column-display';
import { type FrameOptions, type Notice } from './frame-options';
import { frameHeader, type FrameKind } from './frame-field';
import { addInSteps, createFrameWriter, type FrameWriter } from './frame-writer';
import { Notices } from './notices';
import { type QueryStat } from './query-stats';

/**
 * Rows of a batch of a frame. The buffer of a column of strings grows with its batch, and each growth copies the buffer
 * in one step, so that a batch must not be long.
 */
const ROWS_PER_BATCH = 4096;

/** An array, or values that are computed when they are written. */
export interface Values<T> {
  readonly length: number;
  at(row: number): T | null | undefined;
}

/**
 * Computes each value from an item when the value is written. So a long frame needs no arrays, and does not block the
 * event loop.
 */
export function computedValues<Item, T>(items: readonly Item[], valueOf: (item: Item) => T | undefined): Values<T> {
  return { length: items.length, at: (row) => valueOf(items[row]) };
}

/** The values of a field. Undefined and null become null. In a field of numbers, NaN becomes null, too. */
export type ComposedValues =
  | { kind: 'utf8'; values: Values<string> }
  /** Values as serialized JSON. */
  | { kind: 'json'; values: Values<string> }
  | { kind: 'float64'; values: Values<number> }
  /** Indices of an enumeration (its labels are in `config.type.enum.text`), or other small numbers. */
  | { kind: 'uint16'; values: Values<number> }
  | { kind: 'bool'; values: Values<boolean> }
  /** `timestamp`: nanoseconds since 1970. */
  | { kind: 'int64' | 'timestamp'; values: Values<bigint> };

export type ComposedField = ComposedValues & {
  name: string;
  config?: FieldConfig;
  labels?: Readonly<Record<string, string>>;
};

/** A field of strings. */
export function stringField(name: string, values: Values<string>, config?: FieldConfig): ComposedField {
  return { kind: 'utf8', name, values, ...(config !== undefined && { config }) };
}

/** A frame before it is encoded. */
export interface ComposedFrame {
  /** Node graphs need the names `nodes` and `edges`. Default: none. */
  name?: string;
  kind: FrameKind;
  /** All fields have the same number of values. */
  fields: readonly ComposedField[];
  notices?: readonly Notice[];
  /** For the frame's `meta.custom`. */
  custom?: Readonly<Record<string, unknown>>;
}

export type ComposedFrameOptions = Pick<FrameOptions, 'refId' | 'executedQueryString' | 'encoding' | 'memory'> & {
  pace: Pace;
  /** Statistics of the first frame. Default: none. */
  stats?: readonly QueryStat[];
  /** Added to the `meta.custom` of the first frame. */
  custom?: object | undefined;
};

/**
 * Encodes frames, in steps between which other work of the process runs.
 *
 * @returns The frames in pieces.
 * @throws {ProxyError} 'result_too_large' beyond the limits of the account, and errors of `pace`.
 */
export async function writeComposedFrames(
  frames: readonly ComposedFrame[],
  options: ComposedFrameOptions
): Promise<Uint8Array[][]> {
  const written: Uint8Array[][] = [];
  for (const [index, frame] of frames.entries()) {
    const isFirst = index === 0;
    const writer = createFrameWriter(options.encoding, options.memory);
    const length = frame.fields.at(0)?.values.length ?? 0;
    // A frame without rows has a batch, too.
    for (let from = 0; from === 0 || from < length; from += ROWS_PER_BATCH) {
      await addRows(writer, frame.fields, { from, to: Math.min(length, from + ROWS_PER_BATCH) }, options);
    }
    const fields = frame.fields.map(({ name, kind, config, labels }) => ({
      name,
      kind,
      nullable: true,
      config,
      labels,
    }));
    const context = {
      options,
      notices: new Notices(frame.notices),
      stats: () => (isFirst ? (options.stats ?? []) : []),
      custom: isFirst && options.custom !== undefined ? { ...options.custom, ...frame.custom } : frame.custom,
    };
    written.push(writer.finish({ name: frame.name, ...frameHeader(fields, frame.kind, context) }));
  }
  return written;
}

/** Rows from `from` (inclusive) to `to` (exclusive). */
interface RowRange {
  from: number;
  to: number;
}

/** Adds one batch of rows. @throws {ProxyError} 'result_too_large' */
async function addRows(
  writer: FrameWriter,
  fields: readonly ComposedField[],
  range: RowRange,
  options: ComposedFrameOptions
): Promise<void> {
  const columns: PlainColumn[] = [];
  for (const field of fields) {
    columns.push(await columnOf(field, range, options));
  }
  for (const _ of addInSteps(writer, range.to - range.from, columns)) {
    await options.pace.pause();
  }
}

/** @throws {ProxyError} 'result_too_large' */
function columnOf(field: ComposedField, range: RowRange, options: ComposedFrameOptions): Promise<PlainColumn> {
  switch (field.kind) {
    case 'utf8':
    case 'json':
      return stringColumn(field.kind, rowsOf(field.values, range), options);
    case 'float64':
      return fixedColumn(field.kind, 8, rowsOf(field.values, range), options, (view, at, value) =>
        view.setFloat64(at, value, true)
      );
    case 'uint16':
      return fixedColumn(field.kind, 2, rowsOf(field.values, range), options, (view, at, value) =>
        view.setUint16(at, value, true)
      );
    case 'int64':
    case 'timestamp':
      return fixedColumn(field.kind, 8, rowsOf(field.values, range), options, (view, at, value) =>
        view.setBigInt64(at, value, true)
      );
    case 'bool':
      return boolColumn(rowsOf(field.values, range), options);
  }
}

function rowsOf<T>(values: Values<T>, { from, to }: RowRange): Values<T> {
  return { length: to - from, at: (row) => values.at(from + row) };
}

/** Writes each row, in steps. @param write Writes a value. Returns the length of a string, 0 for other values. */
async function writeRows<T>(
  values: Values<T>,
  pace: Pace,
  write: (row: number, value: T | null | undefined) => number
): Promise<void> {
  for (let row = 0; row < values.length; row++) {
    const stepEnd = pace.worked(1, write(row, values.at(row)));
    if (stepEnd !== undefined) {
      await stepEnd;
    }
  }
}

async function stringColumn(
  kind: 'utf8' | 'json',
  values: Values<string>,
  { memory, pace }: ComposedFrameOptions
): Promise<PlainColumn> {
  const builder = new StringColumnBuilder(memory, values.length);
  await writeRows(values, pace, (_row, value) => {
    if (value === null || value === undefined) {
      builder.endNull();
      return 0;
    }
    builder.sink.string(value);
    builder.end();
    return value.length;
  });
  return builder.finish(kind);
}

async function fixedColumn<T extends number | bigint>(
  kind: PlainKind,
  width: number,
  values: Values<T>,
  { memory, pace }: ComposedFrameOptions,
  write: (view: DataView, at: number, value: T) => void
): Promise<PlainColumn> {
  const bytes = takeZeros(memory, values.length * width);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const validity = takeZeros(memory, bitmapBytes(values.length));
  await writeRows(values, pace, (row, value) => {
    if (value !== null && value !== undefined && !Number.isNaN(value)) {
      write(view, row * width, value);
      setBit(validity, row);
    }
    return 0;
  });
  return { kind, length: values.length, ...withValidity(validity, values.length), offsets: null, values: bytes };
}

async function boolColumn(values: Values<boolean>, { memory, pace }: ComposedFrameOptions): Promise<PlainColumn> {
  const bytes = takeZeros(memory, bitmapBytes(values.length));
  const validity = takeZeros(memory, bitmapBytes(values.length));
  await writeRows(values, pace, (row, value) => {
    if (value !== null && value !== undefined) {
      setBit(validity, row);
    }
    if (value === true) {
      setBit(bytes, row);
    }
    return 0;
  });
  return {
    kind: 'bool',
    length: values.length,
    ...withValidity(validity, values.length),
    offsets: null,
    values: bytes,
  };
}
