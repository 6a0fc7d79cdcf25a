/**
 * Reads the header of an Arrow IPC message: the kind of the message, and the positions of its buffers in the body.
 *
 * @see Arrow `format/Message.fbs`
 */
import { type ArrowSchema } from './arrow-type';
import { type Compression } from './decompress-buffer';
import { MetadataBytes, type MetadataTable, type NumberVector, type PairVector } from './flatbuffer-table';
import { malformed } from './result-errors';
import { parseSchema } from './read-schema';

/**
 * One Arrow IPC message without framing, as received. Both parts may be views of larger buffers. The `FlightMessage` of
 * the Flight SQL client has the same fields and is used as an `IpcMessage`.
 */
export interface IpcMessage {
  /** A FlatBuffers `Message`. */
  header: Uint8Array;
  body: Uint8Array;
}

/** The header of a record batch or of the values of a dictionary. Nodes and buffers are not checked yet. */
export interface BatchHeader {
  /** Number of rows. */
  length: number;
  /** Length and null count of each column, children after their parent. */
  nodes: PairVector;
  /** Offset and length of each buffer in the body, in bytes. */
  buffers: PairVector;
  /** Number of data buffers of each view column, in order. */
  variadicCounts: NumberVector;
  /** Codec of the buffers. Undefined if they are not compressed. */
  compression: Compression | undefined;
  /** True for metadata version 4, in which a union has a validity bitmap. */
  hasUnionValidity: boolean;
}

export type MessageHeader =
  | { kind: 'schema'; schema: ArrowSchema }
  | { kind: 'dictionary'; id: number; isDelta: boolean; batch: BatchHeader; bodyBytes: number }
  | { kind: 'batch'; batch: BatchHeader; bodyBytes: number };

const VERSION_4 = 3;
const VERSION_5 = 4;
const CONTINUATION = 0xffffffff;

/** Codecs by their number in the format: LZ4_FRAME, ZSTD. */
const COMPRESSIONS: readonly Compression[] = ['lz4', 'zstd'];
/** The only method of the format: each buffer is compressed separately. */
const COMPRESSED_BUFFERS = 0;

/**
 * Reads the header of a message. The vectors of a batch are read only on access, see `PairVector`.
 *
 * @param header A FlatBuffers `Message` without framing.
 * @throws {ProxyError} 'result_malformed', 'result_too_large'
 */
export function readMessageHeader(header: Uint8Array): MessageHeader {
  const message = new MetadataBytes(header).root();
  const version = message.i16(0, 0);
  if (version !== VERSION_4 && version !== VERSION_5) {
    throw malformed(`metadata version ${version + 1} is not supported`);
  }
  const table = message.table(2);
  if (table === undefined) {
    throw malformed('a message has no content');
  }
  const bodyBytes = message.i64(3, 0);
  switch (message.u8(1, 0)) {
    case 1:
      return { kind: 'schema', schema: parseSchema(table) };
    case 2: {
      const data = table.table(1);
      if (data === undefined) {
        throw malformed('a dictionary has no values');
      }
      return {
        kind: 'dictionary',
        id: table.i64(0, 0),
        isDelta: table.bool(2),
        batch: readBatchHeader(data, version),
        bodyBytes,
      };
    }
    case 3:
      return { kind: 'batch', batch: readBatchHeader(table, version), bodyBytes };
    default:
      throw malformed('a message is neither schema, dictionary nor record batch');
  }
}

/**
 * Reads the schema of an encapsulated message or of an IPC stream, as in results of `CommandGetTables`.
 *
 * @throws {ProxyError} 'result_malformed', 'result_too_large'
 */
export function readEncapsulatedSchema(bytes: Uint8Array): ArrowSchema {
  const reader = new MetadataBytes(bytes);
  const start = reader.u32(0) === CONTINUATION ? 8 : 4;
  const header = readMessageHeader(bytes.subarray(start, start + reader.u32(start - 4)));
  if (header.kind !== 'schema') {
    throw malformed('a schema was expected');
  }
  return header.schema;
}

function readBatchHeader(table: MetadataTable, version: number): BatchHeader {
  const length = table.i64(0, 0);
  if (length < 0 || length > 0x7fffffff) {
    throw malformed('a record batch has an impossible number of rows');
  }
  return {
    length,
    nodes: table.pairs(1),
    buffers: table.pairs(2),
    variadicCounts: table.i64s(4),
    compression: readCompression(table.table(3)),
    hasUnionValidity: version === VERSION_4,
  };
}

function readCompression(table: MetadataTable | undefined): Compression | undefined {
  if (table === undefined) {
    return undefined;
  }
  const codec = COMPRESSIONS.at(table.u8(0, 0));
  if (codec === undefined || table.u8(1, 0) !== COMPRESSED_BUFFERS) {
    throw malformed('the record batches are compressed with a codec that this version does not support');
  }
  return codec;
}
