/**
 * Takes the messages of a result as they come and gives their rows to a builder, within the limits of the answer.
 *
 * All limits hold while receiving: what lies beyond the first of them ends the iteration, which cancels the query on the
 * server, and a notice names the limit. Where not one row is within it that is an error: an alert rule would take an answer
 * without rows for "no data". While the process has no memory left no message is asked for, so the server waits.
 */
import { setImmediate } from 'node:timers/promises';
import { type IpcMessage } from '../arrow-ipc/ipc-message';
import { malformed, tooLarge } from '../arrow-ipc/malformed';
import { type RecordBatch, ResultReader } from '../arrow-ipc/result-reader';
import { firstRows } from '../arrow-ipc/vector';
import { ProxyError } from '../errors/proxy-error';
import { createBuilder } from './create-builder';
import { type FrameBuilder, type ResultRows } from './frame-builder';
import { type FrameContext } from './frame-context';
import { type QueryMeter } from './query-stats';
import { withinMemory } from './within-memory';

/** More than any frame holds. Batches are kept until the end, so receiving on would only fill the memory. */
const MAX_KEPT_BYTES = 2 ** 31;

/** Batches of up to 8192 rows after which other work of the process gets its turn. */
const BATCHES_PER_TURN = 4;

/** About what a batch takes as JavaScript objects, and each of its columns. */
const BATCH_HEAP_BYTES = 1024;
const COLUMN_HEAP_BYTES = 512;

export class RowReceiver {
  builder: FrameBuilder | undefined;
  /** Rows given to the builder. */
  rows = 0;
  /** True when the result had more than a limit allowed. */
  isCut = false;
  readonly #reader = new ResultReader();
  readonly #context: FrameContext;
  readonly #meter: QueryMeter | undefined;
  #batches = 0;
  #receivedBytes = 0;
  /** What the reader had kept, and the batches that had come, when the last part was taken. */
  #taken = { bytes: 0, batches: 0 };

  constructor(context: FrameContext, meter: QueryMeter | undefined) {
    this.#context = context;
    this.#meter = meter;
  }

  /** Bytes received since the last part was taken. */
  get keptBytes(): number {
    return this.#reader.keptBytes - this.#taken.bytes;
  }

  /** What was received so far has been sent on. */
  partTaken(): void {
    this.#taken = { bytes: this.#reader.keptBytes, batches: this.#batches };
    this.#hold();
  }

  /**
   * Yields after each batch with rows.
   *
   * @throws {ProxyError} as `buildFrames` says.
   */
  async *receive(messages: AsyncIterable<IpcMessage>): AsyncGenerator<void> {
    const { signal, memory } = this.#context.options;
    await memory?.room();
    for await (const message of this.#meter === undefined ? messages : this.#meter.watch(messages)) {
      if (signal?.aborted === true) {
        throw new ProxyError('query_cancelled');
      }
      const before = this.rows;
      this.#take(message);
      if (this.rows > before) {
        yield;
      }
      if (this.isCut) {
        break;
      }
      if (this.rows > before && ++this.#batches % BATCHES_PER_TURN === 0) {
        await setImmediate();
      }
      const room = memory?.room();
      if (room !== undefined) {
        await room;
      }
    }
    if (this.#reader.schema === undefined) {
      throw malformed('it has no schema');
    }
  }

  /**
   * The frames of all rows. Where they are texts that are written only now, what is written counts as it grows.
   *
   * @throws {ProxyError} 'result_too_large', 'memory_busy', 'query_cancelled'
   */
  async finish(): Promise<Uint8Array[][]> {
    const steps = this.builder?.finish();
    const before = this.builder?.made.bytes ?? 0;
    for (;;) {
      const step = withinMemory(() => steps?.next());
      if (step === undefined || step.done === true) {
        return step?.value ?? [];
      }
      this.#hold();
      await this.#goOn(before);
    }
  }

  /** @param expected Bytes that were kept free for what is being made. */
  async #goOn(expected: number): Promise<void> {
    const { memory, signal } = this.#context.options;
    if (memory?.isBeyondLimit === true && (this.builder?.made.bytes ?? 0) > expected) {
      throw tooLarge(`Written as JSON it takes more than it may: ${memory.limitReason}.`);
    }
    await setImmediate();
    await memory?.room();
    if (signal?.aborted === true) {
      throw new ProxyError('query_cancelled');
    }
  }

  #take(message: IpcMessage): void {
    const batch = withinMemory(() => this.#reader.read(message));
    this.builder ??= createBuilder(this.#reader.schema, this.#context);
    if (this.keptBytes > MAX_KEPT_BYTES) {
      throw tooLarge('The server sent more than 2 GiB.');
    }
    const bytesBefore = this.#receivedBytes;
    this.#receivedBytes += message.header.length + message.body.length;
    if (batch === undefined || batch.length === 0) {
      this.#hold();
      this.#cutBeyondLimit();
      return;
    }
    this.#meter?.hasRows();
    this.#add(batch, bytesBefore);
  }

  #add(batch: RecordBatch, bytesBefore: number): void {
    const { maxRows, rowLimitReason, maxBytes } = this.#context.options;
    this.#hold();
    if (this.#cutBeyondLimit()) {
      return;
    }
    const inRows = maxRows - this.rows;
    const inBytes = rowsWithin(batch, maxBytes?.bytes, bytesBefore, this.#receivedBytes);
    const taken = takeRows(batch, Math.min(inRows, inBytes));
    if (taken.length > 0) {
      withinMemory(() => this.builder?.add(taken));
      this.rows += taken.length;
      this.#hold();
    }
    if (taken.length < batch.length) {
      this.#cut(inRows <= inBytes || maxBytes === undefined ? rowLimitReason : maxBytes.reason);
    }
  }

  #cutBeyondLimit(): boolean {
    const { memory } = this.#context.options;
    if (memory?.isBeyondLimit === true) {
      this.#cut(memory.limitReason);
    }
    return this.isCut;
  }

  /** @throws {ProxyError} 'result_too_large' when there is no row to show. */
  #cut(reason: string): void {
    if (this.rows === 0) {
      throw new ProxyError('result_too_large', {
        detail: `Not a single row could be shown: ${reason}.`,
        advice: 'Select fewer columns, shorten long texts, add a LIMIT, or raise the limit.',
      });
    }
    this.isCut = true;
    const shown = this.rows === 1 ? 'the first row' : `the first ${this.rows.toLocaleString('en-US')} rows`;
    this.#context.notices.warn(
      `Showing ${shown}: ${reason}. Narrow the time range, aggregate, or raise the limit to see more.`
    );
  }

  #hold(): void {
    const { memory } = this.#context.options;
    if (memory === undefined) {
      return;
    }
    const made = this.builder?.made ?? { bytes: 0, heapBytes: 0 };
    const columns = this.#reader.schema?.fields.length ?? 0;
    const batches = this.#batches - this.#taken.batches + 1;
    memory.holds(
      this.keptBytes + made.bytes,
      made.heapBytes + batches * (BATCH_HEAP_BYTES + columns * COLUMN_HEAP_BYTES)
    );
  }
}

/** Rows of a batch that a limit in bytes allows: those that had come, by their share, when it was reached. */
function rowsWithin(batch: RecordBatch, limit: number | undefined, before: number, after: number): number {
  if (limit === undefined || after <= limit) {
    return batch.length;
  }
  return Math.floor((batch.length * Math.max(0, limit - before)) / (after - before));
}

function takeRows(batch: RecordBatch, allowed: number): ResultRows {
  if (batch.length <= allowed) {
    return batch;
  }
  const length = Math.max(0, allowed);
  return { length, columns: batch.columns.map((column) => firstRows(column, length)) };
}
