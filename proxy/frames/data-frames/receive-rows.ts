/**
 * Receives the messages of a result and passes their rows to a builder, within the limits of the result.
 *
 * When a limit is exceeded, the iteration ends, and a notice names the limit. The end of the iteration cancels the
 * query on the server. If no row is within the limit, the query fails, because an alert rule would treat a result
 * without rows as "no data".
 *
 * The memory of a conversion is reserved before the conversion starts. While no memory is free, no message is pulled,
 * so the server waits. A long batch is converted in slices, and other queries run in between.
 */
import {
  checkStep,
  type IpcMessage,
  malformed,
  MAX_WRITTEN_BYTES,
  ResultReader,
  tooLarge,
  withinMemory,
} from '../arrow-ipc';
import { nextTurn } from '../../base/async/turns';
import { ProxyError } from '../../base/errors/proxy-error';
import { thousands } from './format-count';
import { type AllowedRows, allowedRows, type Slice, slicesOf } from './batch-slices';
import { createBuilder } from './create-builder';
import { type FrameBuilder, type FrameContext } from './frame-builder';
import { type FrameOptions, type ResultLimit } from './frame-options';
import { type QueryMeter } from './query-stats';

/** Number of batches, usually of 8192 rows, after which other work of the process runs. */
const BATCHES_PER_TURN = 4;

/** Estimated bytes of the JavaScript objects of a batch, and of each of its columns. */
const BATCH_HEAP_BYTES = 1024;
const COLUMN_HEAP_BYTES = 512;

/** Bytes of a dictionary and of its conversion, as a multiple of the received bytes. */
const TIMES_DICTIONARY = 3;

/** Bytes that `finish` may hold in addition to `memory.finishingBytes`, which is low if the budget is small. */
const MORE_FINISHING_BYTES = 256 * 1024;

/** String buffers grow by doubling, so they temporarily take more than their final size. */
const GROWING_TIMES = 2;

/** Receives one result. Call `receiveAll`, or iterate over `receive` to its end, then call `finish` once. */
export class RowReceiver {
  /** Undefined before the schema has arrived, and for a result without columns. */
  builder: FrameBuilder | undefined;
  /** Rows that were passed to the builder. */
  rows = 0;
  /** True when the result exceeded a limit. */
  isTruncated = false;
  /** Received bytes of the rows since the last part was sent. */
  partBytes = 0;
  readonly #reader: ResultReader;
  readonly #context: FrameContext;
  readonly #meter: QueryMeter | undefined;
  /** Batches since the last part was sent. */
  #batches = 0;
  #receivedBytes = 0;

  constructor(context: FrameContext, meter: QueryMeter | undefined) {
    this.#context = context;
    this.#meter = meter;
    this.#reader = new ResultReader(context.options.memory);
  }

  /** Call this after a part has been sent. */
  partSent(): void {
    this.partBytes = 0;
    this.#batches = 0;
    this.#context.options.memory.sent(this.#reader.keptBytes * TIMES_DICTIONARY + (this.builder?.keptBytes ?? 0));
    this.#settle();
  }

  /** Receives all rows. @throws {ProxyError} with the codes of `buildFrames`. */
  async receiveAll(messages: AsyncIterable<IpcMessage>): Promise<void> {
    for await (const _ of this.receive(messages)) {
      // Only results in parts need to know when a slice was converted.
    }
  }

  /**
   * Yields after each slice of rows was converted. A short batch is one slice.
   *
   * @throws {ProxyError} with the codes of `buildFrames`.
   */
  async *receive(messages: AsyncIterable<IpcMessage>): AsyncGenerator<void> {
    await this.#context.options.memory.reserve(0);
    this.#waitForMessage();
    try {
      for await (const message of messages) {
        const allowed = this.#readMessage(message);
        for (const slice of allowed === undefined ? [] : slicesOf(allowed, this.#context.stringViews)) {
          if (slice.from > 0) {
            await nextTurn();
          }
          await this.#reserve(slice);
          if (this.isTruncated) {
            break;
          }
          this.#convert(slice);
          yield;
          if (this.isTruncated) {
            break;
          }
        }
        if (allowed?.exceeded !== undefined && !this.isTruncated) {
          this.#truncate(allowed.exceeded);
        }
        if (this.isTruncated) {
          break;
        }
        await this.#yieldToOthers(allowed !== undefined);
        this.#waitForMessage();
      }
    } catch (reason) {
      this.#endAt(reason);
    } finally {
      this.#context.options.memory.isConverting = false;
    }
    this.#meter?.endWait();
    if (this.#reader.schema === undefined) {
      throw malformed('the result has no schema');
    }
  }

  /**
   * Returns the frames of all rows. Frames in JSON are written during this call, so their memory is compared with the
   * limit after each step.
   *
   * @throws {ProxyError} 'result_too_large', 'memory_busy', 'query_cancelled'
   */
  async finish(): Promise<Uint8Array[][]> {
    const { memory, signal, stages } = this.#context.options;
    const steps = this.builder?.finish();
    // A result that was truncated at the limit holds slightly more than the limit.
    const maxHeldBytes =
      memory.finishingBytes + MORE_FINISHING_BYTES + Math.max(0, memory.heldBytes - memory.limitBytes);
    for (;;) {
      const converted = stages?.begin('convert');
      const step = withinMemory(() => steps?.next());
      converted?.();
      if (step === undefined || step.done === true) {
        return step?.value ?? [];
      }
      this.#note();
      if (memory.heldBytes > maxHeldBytes) {
        throw tooLarge(
          `The frames of the result take more memory than allowed: ${this.#context.options.memoryLimitReason}.`
        );
      }
      await nextTurn();
      await memory.reserve(0);
      if (signal?.aborted === true) {
        throw new ProxyError('query_cancelled');
      }
    }
  }

  #waitForMessage(): void {
    this.#context.options.memory.isConverting = false;
    this.#meter?.startWait();
  }

  /** The rows of the message that are within the limits. */
  #readMessage(message: IpcMessage): AllowedRows | undefined {
    const { memory, signal, maxRows, maxBytes } = this.#context.options;
    memory.isConverting = true;
    this.#meter?.endWait(message);
    if (signal?.aborted === true) {
      throw new ProxyError('query_cancelled');
    }
    const batch = withinMemory(() => this.#reader.read(message));
    this.builder ??= createBuilder(this.#reader.schema, this.#context);
    const before = this.#receivedBytes;
    this.#receivedBytes += message.header.length + message.body.length;
    this.#settle();
    this.#truncateBeyondMemory();
    if (batch === undefined || batch.length === 0 || this.isTruncated) {
      return undefined;
    }
    this.#meter?.rowsArrived();
    const maxRowsLeft = maxRows - this.rows;
    return allowedRows(batch, { maxRowsLeft, maxBytes: maxBytes?.bytes, before, after: this.#receivedBytes });
  }

  /** Reserves the memory of a conversion. If this memory exceeds the limit of the result, the result is truncated. */
  #reserve({ rows, madeBytes }: Slice): Promise<void> | undefined {
    if (madeBytes > MAX_WRITTEN_BYTES) {
      checkStep(rows.columns);
    }
    const { memory } = this.#context.options;
    if (!memory.canHold(madeBytes)) {
      this.#truncate('memory');
      return undefined;
    }
    return memory.reserve(Math.min(madeBytes * GROWING_TIMES, memory.limitBytes - memory.heldBytes));
  }

  #convert({ rows, bytes }: Slice): void {
    const converted = this.#context.options.stages?.begin('convert');
    withinMemory(() => this.builder?.add(rows));
    converted?.();
    this.rows += rows.length;
    this.partBytes += bytes;
    this.#settle();
    this.#truncateBeyondFrames();
  }

  /** Waits before the next message is requested: for other work of the process, and for memory. */
  #yieldToOthers(hadRows: boolean): Promise<void> | undefined {
    return hadRows && ++this.#batches % BATCHES_PER_TURN === 0
      ? nextTurn().then(() => this.#awaitMemory())
      : this.#awaitMemory();
  }

  /** Does not wait for memory if the result is beyond its limit, because the next message ends the result. */
  #awaitMemory(): Promise<void> | undefined {
    const { memory } = this.#context.options;
    return memory.isBeyondLimit ? undefined : memory.reserve(0);
  }

  /** Truncates the result if a message exceeds the memory limit. @throws Any other error. */
  #endAt(reason: unknown): void {
    const isTooLarge = reason instanceof ProxyError && reason.code === 'result_too_large';
    if (!isTooLarge || this.#context.options.memory.isConverting || this.isTruncated) {
      throw reason;
    }
    this.#truncate('memory');
  }

  #truncateBeyondMemory(): void {
    if (this.#context.options.memory.isBeyondLimit) {
      this.#truncate('memory');
    }
  }

  /** Truncates the result if the received bytes and the headers of the frames together exceed the size limit. */
  #truncateBeyondFrames(): void {
    const { maxBytes } = this.#context.options;
    const { frameBytes = 0 } = this.builder ?? {};
    if (maxBytes !== undefined && frameBytes > 0 && this.#receivedBytes + frameBytes > maxBytes.bytes) {
      this.#truncate('bytes');
    }
  }

  #reasonOf(limit: ResultLimit): string {
    const { rowLimitReason, maxBytes, memoryLimitReason } = this.#context.options;
    return limit === 'rows' ? rowLimitReason : limit === 'bytes' ? (maxBytes?.reason ?? '') : memoryLimitReason;
  }

  /**
   * Ends the result after the rows that were passed to the builder.
   *
   * @throws {ProxyError} 'result_too_large' if there is no row to show; the error of `truncationError`.
   */
  #truncate(limit: ResultLimit): void {
    const reason = this.#reasonOf(limit);
    const error = this.#context.options.truncationError?.(limit, reason);
    if (error !== undefined) {
      throw error;
    }
    if (this.rows === 0) {
      throw new ProxyError('result_too_large', {
        detail: `Not even the first row fits into the limit: ${reason}.`,
        advice: 'Select fewer columns, shorten long texts, add a LIMIT, or raise the limit.',
      });
    }
    this.isTruncated = true;
    const { isContinued = false, isRequestedLimit = false, firstLines } = this.#context.options;
    const missing = this.builder?.missingTimes?.();
    const isContinuedHere = limit === 'rows' && isContinued;
    const advice = isContinuedHere
      ? 'Scroll to load more.'
      : 'Narrow the time range, aggregate, or raise the limit to see more.';
    this.#context.notices.add({
      severity: isContinuedHere || (limit === 'rows' && isRequestedLimit) ? 'info' : 'warning',
      text: `Showing ${shownRows(this.rows, firstLines)}: ${reason}. ${missing === undefined ? '' : `${missing} `}${advice}`,
    });
  }

  /** Tells the memory account that a step of the work has ended. */
  #settle(): void {
    this.#context.options.memory.settle();
    this.#note();
  }

  #note(): void {
    const made = this.builder?.made ?? { bytes: 0, heapBytes: 0 };
    const columns = this.#reader.schema?.fields.length ?? 0;
    const batches = this.#batches + 1;
    this.#context.options.memory.note(
      made.bytes,
      made.heapBytes + batches * (BATCH_HEAP_BYTES + columns * COLUMN_HEAP_BYTES)
    );
  }
}

/** The rows of a truncated result, for example `the first row` and `the newest 1,000 lines`. */
function shownRows(count: number, firstLines: FrameOptions['firstLines']): string {
  const noun = firstLines === undefined ? 'row' : 'line';
  return `the ${firstLines ?? 'first'} ${count === 1 ? noun : `${thousands(count)} ${noun}s`}`;
}
