/**
 * A text for each log line that no other line of the result has, and that the same line has in the next result too.
 *
 * Grafana keeps rows apart by it, links to them, and drops the overlap when it loads older lines. Micromegas has no row
 * id, so it is a hash of the line's time, text, level and labels; lines that are equal in all of these are numbered.
 */
import { type MemoryAccount } from '../memory/memory-account';
import { asInt32, type ByteSink, type PlainColumn, TextColumnBuilder, textOffsets } from '../arrow-ipc';
import { PairIndex } from './pair-index';

const HEX = Buffer.from('0123456789abcdef');

/** One number per row and ingredient, beside time and text. */
export type RowNumber = (row: number) => number;

export class LogIds {
  readonly #memory: MemoryAccount;
  readonly #seen: PairIndex;
  /** How often a hash came, for those that came more than once. */
  readonly #repeated = new Map<number, number>();

  constructor(memory: MemoryAccount) {
    this.#memory = memory;
    this.#seen = new PairIndex(memory);
  }

  /** Entries of the map of repeated lines. */
  get repeats(): number {
    return this.#repeated.size;
  }

  /**
   * @param time    Nanoseconds.
   * @param body    Texts without nulls.
   * @param numbers What else tells lines apart: level, hash of the labels.
   */
  column(time: PlainColumn, body: PlainColumn, numbers: readonly RowNumber[]): PlainColumn {
    const halves = asInt32(time.values, time.length * 2);
    const offsets = textOffsets(body);
    const builder = new TextColumnBuilder(this.#memory, time.length, time.length * 16);
    for (let row = 0; row < time.length; row++) {
      let high = Math.imul((halves[row * 2] ?? 0) ^ 0x5bd1e995, 0x01000193);
      let low = Math.imul((halves[row * 2 + 1] ?? 0) ^ high, 0x85ebca6b);
      for (const number of numbers) {
        high = Math.imul(high ^ number(row), 0x9e3779b1);
        low = Math.imul(low ^ high, 0xc2b2ae35);
      }
      const end = offsets[row + 1] ?? 0;
      for (let at = offsets[row] ?? 0; at < end; at++) {
        const byte = body.values[at] ?? 0;
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
    sink.byte(HEX[(value >>> shift) & 15] ?? 0);
  }
}
