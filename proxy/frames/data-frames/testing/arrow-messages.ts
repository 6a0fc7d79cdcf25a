/**
 * For tests and benchmarks: writes results and reads frames with the reference implementation of Arrow (apache-arrow),
 * which the backend does not use.
 */
import {
  type DataType,
  makeData,
  type RecordBatch,
  RecordBatchStreamWriter,
  type Table,
  TimestampNanosecond,
  Vector,
} from 'apache-arrow';
import { type IpcMessage } from '../../arrow-ipc';
import { type MemoryAccount } from '../../../observe/memory/memory-account';
import { unlimitedAccount } from '../../../observe/memory/testing/accounts';
import { splitStream } from '../../arrow-ipc/testing/ipc-bytes';
import { openArrowFile } from '../../../../demo/plugin-host/arrow-files';
import { buildFrames } from '../build-frames';
import { type BuiltFrames, type FrameOptions } from '../frame-options';

export { splitStream };

/** The messages of a table, as a server would stream its batches. */
export function messagesOf(source: Table | Iterable<RecordBatch>): IpcMessage[] {
  return splitStream(RecordBatchStreamWriter.writeAll(source).toUint8Array(true));
}

/** A column from its raw numbers, with nulls where `present` is false. */
export function columnOf<T extends DataType>(
  type: T,
  values: ArrayBufferView,
  present?: readonly boolean[]
): Vector<T> {
  const width = 'byteWidth' in type ? Number(type.byteWidth) : undefined;
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const elements = values instanceof DataView ? values.byteLength : Number('length' in values ? values.length : 0);
  const length = present?.length ?? (width === undefined ? elements : bytes.length / width);
  const nullBitmap = new Uint8Array(Math.ceil(length / 8));
  (present ?? new Array<boolean>(length).fill(true)).forEach((isPresent, row) => {
    nullBitmap[row >> 3] = (nullBitmap[row >> 3] ?? 0) | (isPresent ? 1 << (row & 7) : 0);
  });
  const nullCount = present?.filter((isPresent) => !isPresent).length ?? 0;
  const data: unknown = makeData({ type, length, nullCount, nullBitmap, data: values } as never);
  return new Vector([data as never]);
}

/** A column of nanoseconds since 1970, as Micromegas sends its times. */
export function timeColumn(ns: ReadonlyArray<bigint | null>): Vector<TimestampNanosecond> {
  return columnOf(
    new TimestampNanosecond('+00:00'),
    BigInt64Array.from(ns, (value) => value ?? 77n),
    ns.map((value) => value !== null)
  );
}

export async function* stream(messages: Iterable<IpcMessage>): AsyncGenerator<IpcMessage> {
  yield* messages;
}

/** Like `stream`, but copies the messages to memory of the query, as `MessageAssembler` does. */
export async function* received(messages: Iterable<IpcMessage>, memory: MemoryAccount): AsyncGenerator<IpcMessage> {
  for (const { header, body } of messages) {
    const bytes = memory.take(header.length + body.length + 8);
    const at = (header.length + 7) & ~7;
    bytes.set(header);
    bytes.set(body, at);
    yield { header: bytes.subarray(0, header.length), body: bytes.subarray(at, at + body.length) };
  }
}

export const OPTIONS: FrameOptions = {
  /** Each copy of the options gets its own account. */
  get memory() {
    return unlimitedAccount();
  },
  memoryLimitReason: 'there is no more memory',
  refId: 'A',
  format: 'table',
  maxRows: 1_000_000,
  rowLimitReason: 'the row limit of the query',
  executedQueryString: 'SELECT 1',
};

export async function build(messages: Iterable<IpcMessage>, options: Partial<FrameOptions> = {}): Promise<BuiltFrames> {
  return buildFrames(stream(messages), { ...OPTIONS, ...options });
}

/** The metadata of a frame. */
export interface FrameMeta {
  type?: string;
  typeVersion?: number[];
  preferredVisualisationType?: string;
  executedQueryString?: string;
  notices?: Array<{ severity: string; text: string }>;
  stats?: unknown[];
  custom?: Record<string, unknown>;
}

export interface ReadField {
  name: string;
  type: string;
  nullable: boolean;
  labels: Record<string, string> | undefined;
  config: Record<string, unknown> | undefined;
  /** Numbers, bigints (also for times, in ns), booleans, strings, null; JSON columns as serialized JSON. */
  values: unknown[];
}

export interface ReadFrame {
  refId: string | undefined;
  meta: FrameMeta;
  fields: ReadField[];
  rows: number;
}

/** Reads a frame with the reference implementation. */
export function readFrame(pieces: readonly Uint8Array[]): ReadFrame {
  const reader = openArrowFile(Buffer.concat(pieces));
  const { schema } = reader;
  const batches = [...reader].filter((batch) => batch.numRows > 0);
  const fields = schema.fields.map((field, index): ReadField => ({
    name: field.name,
    type: String(field.type),
    nullable: field.nullable,
    labels: parsed<Record<string, string>>(field.metadata.get('labels')),
    config: parsed<Record<string, unknown>>(field.metadata.get('config')),
    values: batches.flatMap((batch) => columnValues(batch, index)),
  }));
  return {
    refId: schema.metadata.get('refId'),
    meta: parsed<FrameMeta>(schema.metadata.get('meta')) ?? {},
    fields,
    rows: batches.reduce((sum, batch) => sum + batch.numRows, 0),
  };
}

export async function buildOne(
  messages: Iterable<IpcMessage>,
  options: Partial<FrameOptions> = {}
): Promise<ReadFrame> {
  const { frames } = await build(messages, options);
  if (frames[0] === undefined || frames.length !== 1) {
    throw new Error(`Expected one frame, got ${frames.length}.`);
  }
  return readFrame(frames[0]);
}

function parsed<T>(json: string | undefined): T | undefined {
  return json === undefined ? undefined : (JSON.parse(json) as T);
}

function columnValues(batch: RecordBatch, index: number): unknown[] {
  const column = batch.getChildAt(index);
  const data = batch.data.children[index];
  return Array.from({ length: batch.numRows }, (_, row): unknown => {
    if (column === null || data === undefined || !column.isValid(row)) {
      return null;
    }
    if (String(data.type).startsWith('Timestamp')) {
      // The reference implementation rounds nanoseconds to milliseconds.
      return new BigInt64Array(data.values.buffer, data.values.byteOffset, batch.numRows)[row];
    }
    const value: unknown = column.get(row);
    return value instanceof Uint8Array ? Buffer.from(value).toString() : value;
  });
}
