/** Encodes Arrow schemas and record batches as FlightData messages, with separate FlatBuffers header and body. */
import { create } from '@bufbuild/protobuf';
import { type Data, makeData, RecordBatch, RecordBatchStreamWriter, type Schema, Struct } from 'apache-arrow';
import { type FlightData, FlightDataSchema } from '../../proxy/generated/arrow/flight/flight_pb';

/** Continuation marker and length before each header (Arrow columnar format, "Encapsulated message format"). */
const PREFIX_BYTES = 8;
/** Slot of `bodyLength` in the vtable of a FlatBuffers `Message`. */
const BODY_LENGTH_SLOT = 10;

/** The message with the schema, which comes first in a result. */
export function schemaMessage(schema: Schema): FlightData {
  const [message] = split(schemaBytes(schema));
  return message!;
}

/** One encapsulated schema message, for FlightInfo and GetTables. */
export function schemaBytes(schema: Schema): Uint8Array {
  const writer = new RecordBatchStreamWriter({ autoDestroy: false });
  writer.reset(undefined, schema);
  const bytes = finish(writer);
  return bytes.subarray(0, bytes.length - PREFIX_BYTES);
}

/** A complete IPC stream without rows: the schema and the end marker. */
export function emptyStreamBytes(schema: Schema): Uint8Array {
  const writer = new RecordBatchStreamWriter({ autoDestroy: false });
  writer.reset(undefined, schema);
  return finish(writer);
}

/**
 * One message for each dictionary, then the message of the batch. Each dictionary replaces the previous dictionary of
 * its column.
 */
export function batchMessages(schema: Schema, rows: number, columns: Data[]): FlightData[] {
  const data = makeData({ type: new Struct(schema.fields), length: rows, nullCount: 0, children: columns });
  const writer = new RecordBatchStreamWriter({ autoDestroy: false });
  writer.write(new RecordBatch(schema, data));
  return split(finish(writer)).slice(1);
}

function finish(writer: RecordBatchStreamWriter): Uint8Array {
  // Not `writer.finish`: it would write the schema once more after the end marker.
  writer.close();
  return writer.toUint8Array(true);
}

function split(stream: Uint8Array): FlightData[] {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
  const messages: FlightData[] = [];
  let at = 0;
  while (at + PREFIX_BYTES <= stream.length) {
    const headerBytes = view.getInt32(at + 4, true);
    if (headerBytes === 0) {
      break;
    }
    const header = stream.subarray(at + PREFIX_BYTES, at + PREFIX_BYTES + headerBytes);
    const bodyStart = at + PREFIX_BYTES + headerBytes;
    const bodyEnd = bodyStart + bodyLength(header);
    messages.push(create(FlightDataSchema, { dataHeader: header, dataBody: stream.subarray(bodyStart, bodyEnd) }));
    at = bodyEnd;
  }
  return messages;
}

function bodyLength(header: Uint8Array): number {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const message = view.getUint32(0, true);
  const vtable = message - view.getInt32(message, true);
  const hasSlot = view.getUint16(vtable, true) > BODY_LENGTH_SLOT;
  const offset = hasSlot ? view.getUint16(vtable + BODY_LENGTH_SLOT, true) : 0;
  return offset === 0 ? 0 : Number(view.getBigInt64(message + offset, true));
}
