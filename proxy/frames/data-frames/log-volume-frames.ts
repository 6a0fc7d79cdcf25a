/**
 * The number of log lines by time and level: one frame for each level, of the kind `timeseries-multi`, with the level
 * as label. Explore colors the frames by that label. Bins without lines have no point, as in Loki's responses.
 */
import { type Steps } from '../../base/async/turns';
import { asInt32, asInt64, isPresent, type PlainColumn, type Vector } from '../arrow-ipc';
import { ProxyError } from '../../base/errors/proxy-error';
import { takeZeros } from '../../observe/memory/typed-arrays';
import { type FrameBuilder, type FrameContext, type MadeBytes, type ResultRows } from './frame-builder';
import { type FieldDescription, frameHeader, furtherHeader, MULTI_SERIES, timeField } from './frame-field';
import { createFrameWriter } from './frame-writer';
import { GRAFANA_LEVEL_NAMES, type LevelName, levelNumbers, levelOfString } from './log-severity';
import { PairIndex } from './pair-index';
import { convertColumn, describeColumns, isStringColumn, type ResultColumn, vectorOf } from './result-columns';
import { StringCodes } from './string-codes';

/** The levels in the order of the frames. */
const ORDER = [...GRAFANA_LEVEL_NAMES.slice(1), GRAFANA_LEVEL_NAMES[0]];
/** Estimated bytes of a point as JavaScript values, and in a frame. */
const POINT_HEAP_BYTES = 128;
const POINT_BYTES = 64;
/** Bytes of a time, and of a number of lines. */
const BYTES_PER_VALUE = 8;

/**
 * The bins of one level. The server is not trusted, and may send times that collide in a `Map`, so a `PairIndex`
 * gives each time an index.
 */
interface LevelBins {
  /** Each pair is the start of a bin in nanoseconds, the high 32 bits first. */
  starts: PairIndex;
  /** The count of lines in each bin, at the index that `starts` gives to the start of the bin. */
  lines: number[];
}

/** Builds the frames of the format `log-volume`. The memory depends on the number of bins, not of rows. */
export class LogVolumeFrames implements FrameBuilder {
  readonly #context: FrameContext;
  readonly #time: ResultColumn;
  readonly #level: ResultColumn;
  readonly #count: ResultColumn;
  readonly #strings: StringCodes | undefined;
  readonly #bins = new Map<LevelName, LevelBins>();
  #points = 0;

  /**
   * @param columns The time, the level and the number of lines.
   * @throws {ProxyError} 'result_malformed' for other columns.
   */
  constructor(columns: readonly ResultColumn[], context: FrameContext) {
    const [time, level, count] = columns;
    if (time?.converter.kind !== 'timestamp' || level === undefined || count?.converter.kind !== 'int64') {
      throw new ProxyError('result_malformed', {
        detail: `The counts of log lines have the columns ${describeColumns(columns)}.`,
      });
    }
    this.#context = context;
    this.#time = time;
    this.#level = level;
    this.#count = count;
    this.#strings = isStringColumn(level) ? StringCodes.ofBytes(level.type, context.options.memory) : undefined;
  }

  add({ length, columns }: ResultRows): void {
    const time = convertColumn(this.#time, columns);
    const count = convertColumn(this.#count, columns);
    const levels = this.#levels(columns);
    const halves = asInt32(time.values, length * 2);
    const counts = asInt64(count.values, length);
    for (let row = 0; row < length; row++) {
      if (isPresent(time.validity, row) && isPresent(count.validity, row)) {
        const { starts, lines } = this.#binsOf(levels(row));
        const bin = starts.add(halves[row * 2 + 1], halves[row * 2]);
        this.#points += bin === lines.length ? 1 : 0;
        lines[bin] = (lines.at(bin) ?? 0) + Number(counts[row]);
      }
    }
  }

  get made(): MadeBytes {
    return { bytes: this.#points * POINT_BYTES, heapBytes: this.#points * POINT_HEAP_BYTES };
  }

  *finish(): Steps<Uint8Array[][]> {
    const frames: Uint8Array[][] = [];
    for (const level of ORDER) {
      const bins = this.#bins.get(level);
      if (bins !== undefined) {
        frames.push(this.#frame(level, bins, frames.length === 0));
        yield;
      }
    }
    return frames;
  }

  #levels(columns: readonly Vector[]): (row: number) => LevelName {
    if (this.#strings !== undefined) {
      const strings = this.#strings;
      const codes = strings.codes(vectorOf(this.#level, columns));
      return (row) => levelOfString(strings.string(codes[row]) ?? '');
    }
    const numbers = levelNumbers(convertColumn(this.#level, columns), this.#context.options.memory);
    return (row) => GRAFANA_LEVEL_NAMES[numbers[row]];
  }

  #binsOf(level: LevelName): LevelBins {
    const known = this.#bins.get(level) ?? { starts: new PairIndex(this.#context.options.memory), lines: [] };
    this.#bins.set(level, known);
    return known;
  }

  #frame(level: LevelName, { starts, lines }: LevelBins, isFirst: boolean): Uint8Array[] {
    const { encoding, memory, binMs } = this.#context.options;
    const points = lines.map((count, bin) => [startOf(starts, bin), count] as const);
    const sorted = points.sort(([a], [b]) => (a < b ? -1 : 1));
    const times = takeZeros(memory, sorted.length * BYTES_PER_VALUE);
    const counts = takeZeros(memory, sorted.length * BYTES_PER_VALUE);
    sorted.forEach(([start, count], row) => {
      viewOf(times).setBigInt64(row * BYTES_PER_VALUE, start, true);
      viewOf(counts).setFloat64(row * BYTES_PER_VALUE, count, true);
    });
    const rows = { length: sorted.length, nullCount: 0, validity: null, offsets: null };
    const columns: PlainColumn[] = [
      { ...rows, kind: 'timestamp', values: times },
      { ...rows, kind: 'float64', values: counts },
    ];
    const fields: FieldDescription[] = [
      timeField(binMs),
      { name: 'lines', kind: 'float64', nullable: true, labels: { level } },
    ];
    const writer = createFrameWriter(encoding, memory);
    writer.add(sorted.length, columns);
    return writer.finish((isFirst ? frameHeader : furtherHeader)(fields, MULTI_SERIES, this.#context));
  }
}

/** Nanoseconds since 1970. */
function startOf(starts: PairIndex, bin: number): bigint {
  return (BigInt(starts.first(bin)) << 32n) | BigInt(starts.second(bin) >>> 0);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
