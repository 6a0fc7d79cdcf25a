/**
 * Reads the ids of trace and span from the properties of OpenTelemetry log lines, and writes them as separate columns.
 * They are columns because labels cannot have links.
 *
 * Like labels, they are kept once for each set of labels.
 */
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { growInt32, zeroInt32 } from '../../observe/memory/typed-arrays';
import { ByteSink, type PlainColumn, StringColumnBuilder } from '../arrow-ipc';

/**
 * The name of a field, the property that its values come from, and the number of their hexadecimal digits. Any other
 * value of the property becomes null.
 */
export const TRACE_FIELDS = [
  { name: 'trace_id', property: 'otel.trace_id', digits: 32 },
  { name: 'span_id', property: 'otel.span_id', digits: 16 },
] as const;

/** Number of sets for which memory is allocated at first. */
const FIRST_SETS = 1024;
const QUOTE = 0x22;

/** The values of one property, by set of labels. */
export class LogTraces {
  readonly #memory: MemoryAccount;
  readonly #digits: number;
  readonly #values: ByteSink;
  /** The number of the value of each set, counted from 1. 0: no value. Grows by doubling. */
  #ofSet: Int32Array;
  #sets = 0;
  #found = 0;
  #pending = false;

  constructor(digits: number, memory: MemoryAccount) {
    this.#memory = memory;
    this.#digits = digits;
    this.#values = new ByteSink(memory, digits);
    this.#ofSet = zeroInt32(memory, FIRST_SETS);
  }

  /** Records the value of the current set, if it is an id. @param json The bytes of its JSON. */
  take(json: Uint8Array): void {
    this.drop();
    if (json.length === this.#digits + 2 && json[0] === QUOTE && json.subarray(1, -1).every(isHexDigit)) {
      this.#values.copy(json, 1, json.length - 1);
      this.#pending = true;
    }
  }

  /** Forgets the value of the current set. */
  drop(): void {
    this.#values.truncate(this.#found * this.#digits);
    this.#pending = false;
  }

  endSet(): void {
    if (this.#sets === this.#ofSet.length) {
      this.#ofSet = growInt32(this.#memory, this.#ofSet, this.#sets * 2);
    }
    this.#found += this.#pending ? 1 : 0;
    this.#ofSet[this.#sets++] = this.#pending ? this.#found : 0;
    this.#pending = false;
  }

  /** The column for rows with these sets. */
  column(sets: Int32Array): PlainColumn {
    const digits = this.#digits;
    const values = this.#values.written;
    const builder = new StringColumnBuilder(this.#memory, sets.length, this.#found === 0 ? 0 : sets.length * digits);
    for (const set of sets) {
      const number = this.#ofSet[set];
      if (number === 0) {
        builder.endNull();
      } else {
        builder.sink.copy(values, (number - 1) * digits, number * digits);
        builder.end();
      }
    }
    return builder.finish('utf8');
  }
}

function isHexDigit(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66) || (byte >= 0x41 && byte <= 0x46);
}
