/**
 * Reads the lines in a response of a live tail: when each line reached the server, and a hash that identifies the line.
 */
import { type DataFrame, type Field } from '@grafana/data';
import { LOG_FIELDS } from '../../../contract/logs/log-frame';
import { LINE_COLUMN_PREFIX, LINE_COLUMNS, TAIL_COLUMNS } from '../../../contract/logs/tail-request';

/** One log line of a response. */
export interface ArrivedLine {
  /** Index in the frame. */
  row: number;
  /** Time at which the server received the line, in whole seconds since 1970. */
  second: number;
  /** Nanoseconds of the arrival after `second`. */
  nanos: number;
  /** Number of lines on the server that arrived in `second`. */
  secondLines: number;
  /** A hash of the values that identify the line. Lines that differ only in their properties have the same hash. */
  identity: number;
}

interface Arrivals {
  /** In the order of their arrival, then of their time. */
  lines: readonly ArrivedLine[];
  /** Time of the server, in seconds since 1970. */
  now: number;
}

/** The lines of a response, and the time of the server. Undefined for a response that has no lines. */
export function arrivalsOf(frame: DataFrame): Arrivals | undefined {
  const numbers = (name: string): readonly unknown[] => frame.fields.find((field) => field.name === name)?.values ?? [];
  const [seconds, nanos, counts] = [TAIL_COLUMNS.second, TAIL_COLUMNS.nanos, TAIL_COLUMNS.lines].map(numbers);
  const now = Number(numbers(TAIL_COLUMNS.now)[0] ?? NaN);
  if (frame.length === 0 || !Number.isFinite(now)) {
    return undefined;
  }
  const { hash, compareTimes } = new LineReader(frame);
  const lines = Array.from({ length: frame.length }, (_none, row) => {
    const second = Number(seconds[row]);
    const nano = Number(nanos[row]);
    return { row, second, nanos: nano, secondLines: Number(counts[row]), identity: hash(row, second, nano) };
  });
  return { lines: lines.sort((a, b) => a.second - b.second || a.nanos - b.nanos || compareTimes(a.row, b.row)), now };
}

/** Reads the fields of a frame that identify a line. */
class LineReader {
  readonly #time: Field | undefined;
  readonly #stringFields: readonly Field[];
  readonly #labels: Field | undefined;
  readonly #labelNames: readonly string[];

  constructor({ fields }: DataFrame) {
    const field = (name: string) => fields.find((each) => each.name === name);
    this.#time = field(LOG_FIELDS.time);
    this.#labels = field(LOG_FIELDS.labels);
    const names = LINE_COLUMNS.flatMap((name) => [name, `${LINE_COLUMN_PREFIX}${name}`]);
    this.#stringFields = [LOG_FIELDS.body, LOG_FIELDS.severity, ...names].flatMap((name) => field(name) ?? []);
    this.#labelNames = names;
  }

  /** Compares the times of two lines, in nanoseconds. */
  compareTimes = (a: number, b: number): number => {
    const values: readonly unknown[] = this.#time?.values ?? [];
    return (
      Number(values[a]) - Number(values[b]) || (this.#time?.nanos?.[a] ?? 0) - (this.#time?.nanos?.[b] ?? 0) || a - b
    );
  };

  hash = (row: number, second: number, nanos: number): number => {
    const hash = new Hash();
    hash.add(`${second}.${nanos}.${String(this.#time?.values[row])}.${this.#time?.nanos?.[row] ?? 0}`);
    this.#stringFields.forEach(({ values }) => hash.add(String(values[row])));
    const labels: unknown = this.#labels?.values[row];
    if (labels !== null && typeof labels === 'object') {
      const values: Readonly<Record<string, unknown>> = { ...labels };
      this.#labelNames.forEach((name) => hash.add(String(values[name])));
    }
    return hash.value;
  };
}

/** A 53-bit hash of strings. Only hashes of lines of the same second are compared. */
class Hash {
  #high = 0x2545f491;
  #low = 0x1b873593;

  add(value: string): void {
    let [high, low] = [this.#high, this.#low];
    for (let at = 0; at < value.length; at++) {
      const unit = value.charCodeAt(at);
      high = Math.imul(high ^ unit, 0x01000193);
      low = Math.imul(low + unit, 0x85ebca6b) ^ (low >>> 15);
    }
    this.#high = Math.imul(high ^ value.length, 0x9e3779b1) ^ (high >>> 13);
    this.#low = Math.imul(low ^ this.#high, 0xc2b2ae35) ^ (low >>> 16);
  }

  get value(): number {
    return (this.#high >>> 11) * 2 ** 32 + (this.#low >>> 0);
  }
}
