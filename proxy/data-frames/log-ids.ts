/**
 * Computes a unique id for each log line, which is the same in every result.
 *
 * Grafana uses ids to distinguish lines, to link to them, and to drop duplicates when it loads older lines. Micromegas has no
 * row id, so the id is a hash of time, text, level and labels. Lines that are equal in all of these are numbered.
 */
import { type MemoryAccount } from '../memory/memory-account';
import { asInt32, type ByteSink, type PlainColumn, TextColumnBuilder, textOffsets } from '../arrow-ipc';
import { PairIndex } from './pair-index';

const HEX = Buffer.from('0123456789abcdef');

/** Returns, for each row, a number that is a part of the hash of the row. */
export type RowNumber = (row: number) => number;

export class LogIds {
  readonly #memory: MemoryAccount;
  readonly #seen: PairIndex;
  /** Number of occurrences of each hash that occurred more than once. */
  readonly #repeated = new Map<number, number>();

  constructor(memory: MemoryAccount) {
    this.#memory = memory;
    this.#seen = new PairIndex(memory);
  }

  /** Number of entries in the map of repeated hashes. */
  get repeats(): number {
    return this.#repeated.size;
  }

  /**
   * @param time    Nanoseconds.
   * @param body    Texts without nulls.
   * @param numbers Other parts of the hash: level, hash of the labels.
   */
  column(time: PlainColumn, body: PlainColumn, numbers: readonly RowNumber[]): PlainColumn {
    const halves = asInt32(time.values, time.length * 2);
    const offsets = textOffsets(body);
    const builder = new TextColumnBuilder(this.#memory, time.length, time.length * 16);
    for (let row = 0; row < time.length; row++) {
      let high = Math.imul(halves[row * 2] ^ 0x5bd1e995, 0x01000193);
      let low = Math.imul(halves[row * 2 + 1] ^ high, 0x85ebca6b);
      for (const number of numbers) {
        high = Math.imul(high ^ number(row), 0x9e3779b1);
        low = Math.imul(low ^ high, 0xc2b2ae35);
      }
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
      sink.text(`-${times}`);
    }
  }
}

function writeHex(value: number, sink: ByteSink): void {
  for (let shift = 28; shift >= 0; shift -= 4) {
    sink.byte(HEX[(value >>> shift) & 15]);
  }
}
