/**
 * Computes ids of log lines, which are unique in a result.
 *
 * Grafana uses ids to distinguish lines, to link to them, and to show lines that are loaded twice only once. Micromegas
 * has no row id, so the id is a hash of time and message. This hash is the same in all results. Lines with the same
 * time and message are also numbered in the order of the result, so their ids may differ in another result.
 */
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { asInt32, type ByteSink, type PlainColumn, StringColumnBuilder, stringOffsets } from '../arrow-ipc';
import { PairIndex } from './pair-index';

const HEX = Buffer.from('0123456789abcdef');

/**
 * Computes the ids of one result. An id has 16 hexadecimal digits. The ids of further lines with the same time and
 * message end with `-2`, `-3`.
 */
export class LogIds {
  readonly #memory: MemoryAccount;
  readonly #seen: PairIndex;
  /** How often each repeated hash occurred, by the index of the hash in `#seen`. */
  readonly #repeated = new Map<number, number>();

  constructor(memory: MemoryAccount) {
    this.#memory = memory;
    this.#seen = new PairIndex(memory);
  }

  /** Number of hashes that occurred more than once. */
  get repeats(): number {
    return this.#repeated.size;
  }

  /**
   * Returns the ids of the next lines of the result.
   *
   * @param time Nanoseconds.
   * @param body Strings without nulls.
   */
  column(time: PlainColumn, body: PlainColumn): PlainColumn {
    const halves = asInt32(time.values, time.length * 2);
    const offsets = stringOffsets(body);
    const builder = new StringColumnBuilder(this.#memory, time.length, time.length * 16);
    for (let row = 0; row < time.length; row++) {
      let high = Math.imul(halves[row * 2] ^ 0x5bd1e995, 0x01000193);
      let low = Math.imul(halves[row * 2 + 1] ^ high, 0x85ebca6b);
      const end = offsets[row + 1];
      for (let at = offsets[row]; at < end; at++) {
        const byte = body.values[at];
        high = Math.imul(high ^ byte, 0x01000193);
        low = Math.imul(low + byte, 0x85ebca6b) ^ (low >>> 15);
      }
      this.#write(high ^ (high >>> 16), low ^ (low >>> 13), builder.sink);
      builder.end();
    }
    return builder.finish('utf8');
  }

  #write(high: number, low: number, sink: ByteSink): void {
    writeHex(high, sink);
    writeHex(low, sink);
    const before = this.#seen.size;
    const id = this.#seen.add(high, low);
    if (id < before) {
      const times = (this.#repeated.get(id) ?? 1) + 1;
      this.#repeated.set(id, times);
      sink.string(`-${times}`);
    }
  }
}

function writeHex(value: number, sink: ByteSink): void {
  for (let shift = 28; shift >= 0; shift -= 4) {
    sink.byte(HEX[(value >>> shift) & 15]);
  }
}
