/**
 * Levels of log lines in the words that Grafana colours.
 *
 * Micromegas counts 1 Fatal, 2 Error, 3 Warn, 4 Info, 5 Debug, 6 Trace; Grafana reads a number as a syslog level, where 4
 * is a warning, so numbers have to become words. Texts are words already.
 */
import { asInt16, asInt32, bytesOf, gather, isPresent, type PlainColumn, plainWidth } from '../arrow-ipc';
import { type MemoryAccount } from '../memory/memory-account';
import { scratchInt32 } from '../memory/typed-arrays';

const WORDS = ['unknown', 'critical', 'error', 'warning', 'info', 'debug', 'trace'];

const WORD_COLUMN: PlainColumn = {
  kind: 'utf8',
  length: WORDS.length,
  nullCount: 0,
  validity: null,
  offsets: bytesOf(Int32Array.of(0, ...WORDS.map((_, index) => WORDS.slice(0, index + 1).join('').length))),
  values: Buffer.from(WORDS.join('')),
};

/** The level of each row, 1 to 6; 0 for any other number and for null. For this step of the work only. */
export function levelNumbers(column: PlainColumn, memory: MemoryAccount): Int32Array {
  const levels = scratchInt32(memory, column.length);
  fillLowWords(column, levels);
  for (let row = 0; row < levels.length; row++) {
    const level = levels[row] ?? 0;
    if (level < 0 || level >= WORDS.length || !isPresent(column.validity, row)) {
      levels[row] = 0;
    }
  }
  return levels;
}

/** The integers as int32; of 64-bit ones the lower half, which holds every level there is. */
function fillLowWords({ kind, values, length }: PlainColumn, words: Int32Array): void {
  switch (plainWidth(kind)) {
    case 1:
      words.set(values.subarray(0, length));
      break;
    case 2:
      words.set(asInt16(values, length));
      break;
    case 4:
      words.set(asInt32(values, length));
      break;
    default: {
      const halves = asInt32(values, length * 2);
      for (let row = 0; row < length; row++) {
        words[row] = halves[row * 2 + 1] === 0 ? (halves[row * 2] ?? 0) : -1;
      }
    }
  }
}

/** The words of level numbers as `levelNumbers` gives them. */
export function severityColumn(levels: Int32Array, memory: MemoryAccount): PlainColumn {
  return gather(WORD_COLUMN, levels, null, memory);
}
