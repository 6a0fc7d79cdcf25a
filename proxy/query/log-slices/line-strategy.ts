/**
 * Reads the time range of a logs query in slices, and stops when all lines of the result are read. The lines are
 * ordered by time. The server opens only the files of the slices that are read.
 *
 * The result is the same as with one statement for the whole range. All slices have the same SQL, in which the macros
 * stand for the whole range. The statements differ in their limit, and in the time range that is sent beside the SQL.
 * The slices are disjoint even for lines whose times differ by nanoseconds.
 *
 * The statements run one after the other and share one slot. With a slot for each statement, a query would hold the
 * memory of its lines while it waits for the next slot.
 *
 * The length of the first slice depends on the rate at which the last run of the query found its lines (`LineRates`).
 */
import { Cache } from '../../../contract/cache';
import { readMessageHeader } from '../../frames/arrow-ipc';
import { type FlightMessage } from '../../lakehouse/flight-sql/flight-sql-client';
import { type Instance } from '../../lakehouse/instances/instance';
import { type Release } from '../../lakehouse/instances/statement-slots';
import { inNanosecondRange } from '../../base/nanosecond-range';
import { type LineOrder } from './line-order';
import { firstSliceMs, type LineRate, LineSlices, type SlicedRange } from './line-slices';
import { type ReadStrategy, type SendPart, type StatementPart } from '../read-strategy';

/** The release function of all slices except the last. It does nothing, because the next slice uses the slot. */
const HELD: Release = () => undefined;

/**
 * The strategy that reads the lines in slices. If one slice is enough, it sends `whole`.
 *
 * @param whole The statement for the whole range.
 * @returns Undefined if there is no range or no limit, or if the limit is zero. In these cases, the whole range is read
 *   with one statement.
 */
export function lineStrategy(
  { isDescending, key, limit: ownLimit }: LineOrder,
  whole: StatementPart,
  { instance, deps: { lineRates } }: { instance: Instance; deps: { lineRates: LineRates } }
): ReadStrategy | undefined {
  const { range, limit } = whole;
  const wanted = Math.min(ownLimit ?? Infinity, limit ?? Infinity);
  // Even for a limit of zero, the result has columns, so one statement is sent.
  if (range === undefined || wanted === 0 || wanted === Infinity) {
    return undefined;
  }
  const sliced = { isDescending, fromMs: inNanosecondRange(range.fromMs), toMs: inNanosecondRange(range.toMs) };
  const slices = new LineSlices(sliced, firstSliceMs(sliced, wanted, lineRates.of(instance, key)));
  const rate = new RateMeter(sliced, wanted, (measured) => lineRates.note(instance, key, measured));
  const isOne = slices.endsWithNext;
  return {
    read: (sendPart, { slot }) =>
      isOne ? sendPart({ ...whole, slot }) : slicesOf(slices, wanted, { ...whole, slot }, sendPart),
    watch: (messages) => rate.ofMessages(messages),
    onLines: (lines, lastMs) => rate.converted(lines, lastMs),
    facts: () => ({ slices: isOne || slices.count < 2 ? undefined : slices.count }),
  };
}

async function* slicesOf(
  slices: LineSlices,
  wanted: number,
  { limit, slot }: StatementPart,
  sendPart: SendPart
): AsyncGenerator<FlightMessage> {
  let found = 0;
  try {
    for (let isLast = false; !isLast && found < wanted;) {
      isLast = slices.endsWithNext;
      const left = found === 0 ? limit : wanted - found;
      for await (const message of sendPart({ range: slices.next(), limit: left, slot: isLast ? slot : HELD })) {
        found += rowCount(message);
        if (found >= wanted) {
          // All lines were received. The slot is released now, because the reader may be slow.
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

function rowCount({ header }: FlightMessage): number {
  const read = readMessageHeader(header);
  return read.kind === 'batch' ? read.batch.length : 0;
}

/** Measures the rate at which the lines of a result are found, and passes the rate to `note` at the end. */
class RateMeter {
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
      // Lines are converted before the next message is requested, so at this point all lines are counted.
      const lines = this.#lines;
      if (isWhole && lines < this.#wanted) {
        this.#note({ lines, spanMs: this.#rangeMs });
      } else if (this.#lastMs !== undefined) {
        this.#note({ lines, spanMs: Math.max(1, Math.abs(this.#startMs - this.#lastMs)) });
      }
    }
  }
}

/** Maximum number of remembered queries per data source. */
const MAX_RATES = 500;

/**
 * Caches the rates at which logs queries found their lines. There is one `LineRates` in a process. The number of keys
 * is bounded. The rates of an instance are dropped together with the instance.
 */
export class LineRates {
  readonly #rates = new WeakMap<object, Cache<LineRate>>();

  /** The rate of the last run. Undefined if the rate is not known. @param key Identifies the lines and their order. */
  of(instance: Instance, key: string): LineRate | undefined {
    return this.#rates.get(instance)?.get(key);
  }

  /** Remembers the rate of a run. */
  note(instance: Instance, key: string, rate: LineRate): void {
    const known = this.#rates.get(instance) ?? new Cache<LineRate>({ maxSize: MAX_RATES });
    this.#rates.set(instance, known);
    known.set(key, rate);
  }
}
