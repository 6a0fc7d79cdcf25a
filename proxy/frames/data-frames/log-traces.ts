/**
 * Reads the ids of trace and span from the properties of OpenTelemetry log lines. The ids become columns, because
 * labels cannot have links. Like labels, they are stored once for each set of labels.
 */
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { growInt32, zeroInt32 } from '../../observe/memory/typed-arrays';
import { ByteSink, type PlainColumn, StringColumnBuilder } from '../arrow-ipc';

/**
 * Name of a field, the property with its values, and the number of hexadecimal digits of a valid id. Values of the
 * property that are not valid ids become null.
 */
export const TRACE_FIELDS = [
  { name: 'trace_id', property: 'otel.trace_id', digits: 32 },
  { name: 'span_id', property: 'otel.span_id', digits: 16 },
] as const;

/** Number of sets for which memory is allocated at first. */
const FIRST_SETS = 1024;
const QUOTE = 0x22;

/** The ids from one property, for each set of labels. */
export class LogTraces {
  readonly #memory: MemoryAccount;
  readonly #digits: number;
  readonly #values: ByteSink;
  /** For each set, the number of its id, counted from 1. 0: no id. Grows by doubling. */
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

  /**
   * Sets the id of the current set, or removes it if the value is not a valid id.
   *
   * @param json The bytes of the JSON of the value.
   */
  take(json: Uint8Array): void {
    this.drop();
    if (json.length === this.#digits + 2 && json[0] === QUOTE && json.subarray(1, -1).every(isHexDigit)) {
      this.#values.copy(json, 1, json.length - 1);
      this.#pending = true;
    }
  }

  /** Removes the id of the current set. */
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
