/**
 * Reads the lines of a logs query that are ordered by time in slices of its time range, and stops when it has all lines
 * of the result. The server opens the files of the range of a statement, so it opens only those of the first slices.
 *
 * The result is that of one statement for the whole range. The slices have the same SQL, in which the macros have the
 * whole range; only the range beside the SQL and the limit differ. They are disjoint, also for lines whose times differ
 * by nanoseconds.
 *
 * The statements run one after the other and have one slot together: a query that waited for another slot would hold
 * the memory of its lines meanwhile.
 */
import { readMessageHeader } from '../../frames/arrow-ipc';
import { type FrameOptions } from '../../frames/data-frames/build-frames';
import { type FlightMessage } from '../../lakehouse/flight-sql/flight-sql-client';
import { type Instance, type InstanceCall } from '../../lakehouse/instances/instance';
import { type Release } from '../../lakehouse/instances/statement-slots';
import { inNanosecondRange } from '../../base/nanosecond-range';
import { type LineOrder } from './line-order';
import { type LineRates } from './line-rates';
import { firstSliceMs, type LineRate, LineSlices, type SlicedRange } from './line-slices';

/** What differs between the statements of a query. */
export type SliceCall = Pick<InstanceCall, 'range' | 'limit' | 'slot'>;

export type ExecuteSlice = (call: SliceCall) => AsyncIterable<FlightMessage>;

/**
 * Reads the messages of a result.
 *
 * @param send Sends the statements of the result. Not called if the messages were read for another query.
 */
export type ReadStatements = (
  send: (execute: ExecuteSlice, slot: Release) => AsyncIterable<FlightMessage>
) => AsyncIterable<FlightMessage>;

/**
 * The result of one or several statements, to be read once. Ending the iteration early cancels the statement in
 * progress.
 */
export interface LinesRead {
  /** The messages of one result: each slice begins with its schema. */
  messages: AsyncIterable<FlightMessage>;
  /** Call this with the lines that were converted. */
  onLines?: FrameOptions['onLines'];
  /** Number of statements so far. */
  readonly slices: number;
}

/** Slices before the last one leave the slot to those after them. */
const HELD: Release = () => undefined;

/**
 * @param order Undefined: one statement.
 * @param whole The call of one statement.
 */
export function readLines(
  order: LineOrder | undefined,
  whole: Omit<SliceCall, 'slot'>,
  read: ReadStatements,
  { instance, deps: { lineRates } }: { instance: Instance; deps: { lineRates: LineRates } }
): LinesRead {
  const { range, limit } = whole;
  const wanted = Math.min(order?.limit ?? Infinity, limit ?? Infinity);
  // A result without lines has columns, so it needs a statement too.
  const hasSlices = wanted > 0 && wanted < Infinity;
  if (order === undefined || range === undefined || !hasSlices) {
    return { messages: read((execute, slot) => execute({ ...whole, slot })), slices: 1 };
  }
  const { isDescending, key } = order;
  const sliced = { isDescending, fromMs: inNanosecondRange(range.fromMs), toMs: inNanosecondRange(range.toMs) };
  const slices = new LineSlices(sliced, firstSliceMs(sliced, wanted, lineRates.of(instance, key)));
  const reading = new Reading(sliced, wanted, (rate) => lineRates.note(instance, key, rate));
  const isOne = slices.endsWithNext;
  return {
    messages: reading.ofMessages(
      read((execute, slot) =>
        isOne ? execute({ ...whole, slot }) : slicesOf(slices, wanted, { ...whole, slot }, execute)
      )
    ),
    onLines: (lines, lastMs) => reading.converted(lines, lastMs),
    get slices() {
      return isOne ? 1 : slices.count;
    },
  };
}

async function* slicesOf(
  slices: LineSlices,
  wanted: number,
  { limit, slot }: SliceCall,
  execute: ExecuteSlice
): AsyncGenerator<FlightMessage> {
  let found = 0;
  try {
    for (let isLast = false; !isLast && found < wanted;) {
      isLast = slices.endsWithNext;
      const left = found === 0 ? limit : wanted - found;
      for await (const message of execute({ range: slices.next(), limit: left, slot: isLast ? slot : HELD })) {
        found += rowsOf(message);
        if (found >= wanted) {
          // The lines are complete, but their reader may be slow.
          slot?.();
        }
        yield message;
      }
      slices.grow(found, wanted);
    }
  } finally {
    slot?.();
  }
}

function rowsOf({ header }: FlightMessage): number {
  const read = readMessageHeader(header);
  return read.kind === 'batch' ? read.batch.length : 0;
}

/** Measures how fast the lines are found. */
class Reading {
  readonly #startMs: number;
  readonly #rangeMs: number;
  readonly #wanted: number;
  readonly #note: (rate: LineRate) => void;
  #lines = 0;
  #lastMs: number | undefined;

  constructor({ isDescending, fromMs, toMs }: SlicedRange, wanted: number, note: (rate: LineRate) => void) {
    this.#startMs = isDescending ? toMs : fromMs;
    this.#rangeMs = toMs - fromMs;
    this.#wanted = wanted;
    this.#note = note;
  }

  converted(lines: number, lastMs: number): void {
    this.#lines += lines;
    this.#lastMs = lastMs;
  }

  async *ofMessages(messages: AsyncIterable<FlightMessage>): AsyncGenerator<FlightMessage> {
    let isWhole = false;
    try {
      yield* messages;
      isWhole = true;
    } finally {
      // Lines are converted before the next message is asked for, so all of them are counted.
      const lines = this.#lines;
      if (isWhole && lines < this.#wanted) {
        this.#note({ lines, spanMs: this.#rangeMs });
      } else if (this.#lastMs !== undefined) {
        this.#note({ lines, spanMs: Math.max(1, Math.abs(this.#startMs - this.#lastMs)) });
      }
    }
  }
}
