/** Frames from JavaScript values, for answers that the proxy composes, such as a trace or a node graph. */
import { setImmediate } from 'node:timers/promises';
import { bitmapBytes, type PlainColumn, type PlainKind, setBit, TextColumnBuilder, withValidity } from '../arrow-ipc';
import { type MemoryAccount } from '../memory/memory-account';
import { takeZeros } from '../memory/typed-arrays';
import { type FieldConfig } from './column-display';
import { type FrameOptions, type Notice } from './frame-options';
import { frameHeader, type FrameKind } from './frame-field';
import { createFrameWriter } from './frame-writer';
import { Notices } from './notices';

/** The values of a field. Undefined and null are null; so is NaN in a field of numbers. */
export type AnswerValues =
  | { kind: 'utf8'; values: ArrayLike<string | null | undefined> }
  /** Texts of JSON values. */
  | { kind: 'json'; values: ArrayLike<string | null | undefined> }
  | { kind: 'float64'; values: ArrayLike<number | null | undefined> }
  /** Indices of an enumeration, whose texts are `config.type.enum.text`, or other small numbers. */
  | { kind: 'uint16'; values: ArrayLike<number | null | undefined> }
  | { kind: 'bool'; values: ArrayLike<boolean | null | undefined> }
  /** `timestamp`: nanoseconds since 1970. */
  | { kind: 'int64' | 'timestamp'; values: ArrayLike<bigint | null | undefined> };

export type AnswerField = AnswerValues & {
  name: string;
  config?: FieldConfig;
  labels?: Readonly<Record<string, string>>;
};

export interface AnswerFrame {
  /** Node graphs need the names `nodes` and `edges`. Default: none. */
  name?: string;
  kind: FrameKind;
  /** All fields have the same number of values. */
  fields: readonly AnswerField[];
  notices?: readonly Notice[];
  /** For the frame's `meta.custom`. */
  custom?: Readonly<Record<string, unknown>>;
}

export type AnswerOptions = Pick<FrameOptions, 'refId' | 'executedQueryString' | 'encoding' | 'memory'>;

/**
 * Encodes frames.
 *
 * @returns The frames in pieces.
 * @throws {ProxyError} 'result_too_large' beyond the limits of the account, 'query_cancelled'.
 */
export async function writeAnswerFrames(
  frames: readonly AnswerFrame[],
  options: AnswerOptions
): Promise<Uint8Array[][]> {
  const written: Uint8Array[][] = [];
  for (const frame of frames) {
    const columns: PlainColumn[] = [];
    for (const field of frame.fields) {
      columns.push(columnOf(field, options.memory));
      await setImmediate();
    }
    const writer = createFrameWriter(options.encoding, options.memory);
    writer.add(columns[0]?.length ?? 0, columns);
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
      stats: () => [],
      custom: frame.custom,
    };
    written.push(writer.finish({ name: frame.name, ...frameHeader(fields, frame.kind, context) }));
  }
  return written;
}

/** @throws {ProxyError} 'result_too_large' */
function columnOf(field: AnswerField, memory: MemoryAccount): PlainColumn {
  switch (field.kind) {
    case 'utf8':
    case 'json':
      return textColumn(field.kind, field.values, memory);
    case 'float64':
      return fixedColumn(field.kind, 8, field.values, memory, (view, at, value) => view.setFloat64(at, value, true));
    case 'uint16':
      return fixedColumn(field.kind, 2, field.values, memory, (view, at, value) => view.setUint16(at, value, true));
    case 'int64':
    case 'timestamp':
      return fixedColumn(field.kind, 8, field.values, memory, (view, at, value) => view.setBigInt64(at, value, true));
    case 'bool':
      return boolColumn(field.values, memory);
  }
}

function textColumn(
  kind: 'utf8' | 'json',
  values: ArrayLike<string | null | undefined>,
  memory: MemoryAccount
): PlainColumn {
  const builder = new TextColumnBuilder(memory, values.length);
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (value === null || value === undefined) {
      builder.endNull();
    } else {
      builder.sink.text(value);
      builder.end();
    }
  }
  return builder.finish(kind);
}

function fixedColumn<T extends number | bigint>(
  kind: PlainKind,
  width: number,
  values: ArrayLike<T | null | undefined>,
  memory: MemoryAccount,
  write: (view: DataView, at: number, value: T) => void
): PlainColumn {
  const bytes = takeZeros(memory, values.length * width);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const validity = takeZeros(memory, bitmapBytes(values.length));
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (value !== null && value !== undefined && !Number.isNaN(value)) {
      write(view, row * width, value);
      setBit(validity, row);
    }
  }
  return { kind, length: values.length, ...withValidity(validity, values.length), offsets: null, values: bytes };
}

function boolColumn(values: ArrayLike<boolean | null | undefined>, memory: MemoryAccount): PlainColumn {
  const bytes = takeZeros(memory, bitmapBytes(values.length));
  const validity = takeZeros(memory, bitmapBytes(values.length));
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (value !== null && value !== undefined) {
      setBit(validity, row);
    }
    if (value === true) {
      setBit(bytes, row);
    }
  }
  return {
    kind: 'bool',
    length: values.length,
    ...withValidity(validity, values.length),
    offsets: null,
    values: bytes,
  };
}
