/**
 * Writes an Arrow IPC file as a list of pieces, without joining them.
 *
 * All metadata is generated here. The reader of the file trusts metadata, so no metadata of the server is passed on.
 * Long buffers are not copied. All small pieces (metadata, padding, short buffers) are copied into common chunks, so
 * that few pieces are written to the socket.
 *
 * The schema is at the start of the file, but it may depend on the data: only the values show whether a binary column
 * is JSON. So the caller passes the schema last, and the offsets in the footer are shifted by the size of the schema.
 *
 * @see Arrow columnar format, "IPC File Format" and "Encapsulated message format"
 */
import { tooLarge } from './result-errors';
import { type PlainColumn } from './plain-column';
import { batchMessage } from './write-batch-header';
import { type FileBlock, footer, type PlainSchema, schemaMessage, schemaTables } from './write-metadata';

const MAGIC = Uint8Array.of(0x41, 0x52, 0x52, 0x4f, 0x57, 0x31);
const NO_BYTES = new Uint8Array(0);
/** Pieces with fewer bytes are copied into a common chunk. */
const SMALL_BYTES = 2048;
/** The first chunk is small, because most results are small. */
const FIRST_CHUNK_BYTES = 4096;
const CHUNK_BYTES = 64 * 1024;
/** Go's limit for one gRPC message, minus room for the rest of the response. */
export const MAX_FILE_BYTES = 0x7fffffff - 1024 * 1024;

/** A list of pieces. Small pieces are copied into common chunks. */
class Pieces {
  readonly list: Uint8Array[] = [];
  size = 0;
  #chunk = new Uint8Array(0);
  #start = 0;
  #end = 0;

  add(bytes: Uint8Array): void {
    this.size += bytes.length;
    if (bytes.length >= SMALL_BYTES) {
      this.#flush();
      this.list.push(bytes);
      return;
    }
    this.#room(bytes.length);
    this.#chunk.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Adds zeros up to the next multiple of 8. */
  pad(): void {
    const missing = -this.size & 7;
    this.#room(missing);
    this.#chunk.fill(0, this.#end, this.#end + missing);
    this.#end += missing;
    this.size += missing;
  }

  u32(value: number): void {
    this.add(Uint8Array.of(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24));
  }

  finish(): Uint8Array[] {
    this.#flush();
    return this.list;
  }

  #room(bytes: number): void {
    if (this.#end + bytes > this.#chunk.length) {
      this.#flush();
      this.#chunk = this.list.length === 0 ? new Uint8Array(FIRST_CHUNK_BYTES) : new Uint8Array(CHUNK_BYTES);
      this.#start = 0;
      this.#end = 0;
    }
  }

  #flush(): void {
    if (this.#end > this.#start) {
      this.list.push(this.#chunk.subarray(this.#start, this.#end));
      this.#start = this.#end;
    }
  }
}

function addMetadata(pieces: Pieces, metadata: Uint8Array): number {
  const padded = (metadata.length + 7) & ~7;
  pieces.u32(0xffffffff);
  pieces.u32(padded);
  pieces.add(metadata);
  pieces.pad();
  return padded + 8;
}

/** The buffers of a column in the order of the format. */
function columnBuffers({ validity, offsets, values, data = [] }: PlainColumn): Uint8Array[] {
  return [validity ?? NO_BYTES, ...(offsets === null ? [] : [offsets]), values, ...data];
}

/** Called for each batch, so that a result that is too large fails early. */
function checkSize(bytes: number): void {
  if (bytes > MAX_FILE_BYTES) {
    throw tooLarge('The result has more than 2 GiB.');
  }
}

/** Writes one file. Add the batches first, and call `finish` once. */
export class ArrowFileWriter {
  readonly #batches = new Pieces();
  readonly #blocks: FileBlock[] = [];
  /** Sum of the lengths of the strings in all view columns (`utf8View`), counted once per row. */
  #stringBytes = 0;

  /** Bytes of all batches so far. */
  get bodyBytes(): number {
    return this.#batches.size;
  }

  /**
   * Adds a batch of columns of equal length. The buffers must not change afterwards.
   *
   * @throws {ProxyError} 'result_too_large' when the batches exceed the limit of one result.
   */
  addBatch(length: number, columns: readonly PlainColumn[]): void {
    const buffers = columns.flatMap(columnBuffers);
    let bodyBytes = 0;
    const ranges = buffers.map((buffer) => {
      const at = bodyBytes;
      bodyBytes += (buffer.length + 7) & ~7;
      return [at, buffer.length] as const;
    });
    const nodes = columns.map((column) => [column.length, column.nullCount] as const);
    const counts = columns.flatMap(({ data }) => (data === undefined ? [] : [data.length]));
    const offset = this.#batches.size;
    const metadataBytes = addMetadata(this.#batches, batchMessage(length, nodes, ranges, bodyBytes, counts));
    for (const buffer of buffers) {
      this.#batches.add(buffer);
      this.#batches.pad();
    }
    this.#addStrings(columns);
    this.#addBlock(offset, metadataBytes);
  }

  /**
   * Returns the whole file.
   *
   * @throws {ProxyError} 'result_too_large' when the file exceeds the limit of one result.
   */
  finish(schema: PlainSchema): Uint8Array[] {
    const tables = schemaTables(schema);
    const head = new Pieces();
    head.add(MAGIC);
    head.pad();
    addMetadata(head, schemaMessage(tables));
    const tail = new Pieces();
    // The end-of-stream marker, for readers that do not start at the footer.
    tail.u32(0xffffffff);
    tail.u32(0);
    const last = footer(
      tables,
      this.#blocks.map((block) => ({ ...block, offset: block.offset + head.size }))
    );
    tail.add(last);
    tail.u32(last.length);
    tail.add(MAGIC);
    checkSize(head.size + this.#batches.size + tail.size);
    return [...head.finish(), ...this.#batches.finish(), ...tail.finish()];
  }

  /**
   * Many rows of a view column may share one string. Grafana copies the string for each row, so the sum of these copies
   * is limited.
   */
  #addStrings(columns: readonly PlainColumn[]): void {
    for (const { stringBytes } of columns) {
      this.#stringBytes += stringBytes ?? 0;
    }
    checkSize(this.#stringBytes);
  }

  #addBlock(offset: number, metadataBytes: number): void {
    checkSize(this.#batches.size);
    this.#blocks.push({ offset, metadataBytes, bodyBytes: this.#batches.size - offset - metadataBytes });
  }
}
