/**
 * Levels of log lines in the words that Grafana colours.
 *
 * Micromegas counts 1 Fatal, 2 Error, 3 Warn, 4 Info, 5 Debug, 6 Trace; Grafana reads a number as a syslog level, where 4
 * is a warning, so numbers have to become words. Texts are words already.
 */
import { gather } from '../arrow-ipc/gather';
import { type PlainColumn, plainWidth } from '../arrow-ipc/plain-column';
import { TextColumnBuilder } from '../arrow-ipc/text-column-builder';
import { asInt16, asInt32, isPresent } from '../arrow-ipc/vector';

const WORDS = ['unknown', 'critical', 'error', 'warning', 'info', 'debug', 'trace'];

function wordColumn(): PlainColumn {
  const builder = new TextColumnBuilder(WORDS.length);
  for (const word of WORDS) {
    builder.sink.text(word);
    builder.end();
  }
  return builder.finish('utf8');
}

const WORD_COLUMN = wordColumn();

/** The level of each row, 1 to 6; 0 for any other number and for null. */
export function levelNumbers(column: PlainColumn): Int32Array {
  const levels = Int32Array.from(lowWords(column));
  for (let row = 0; row < levels.length; row++) {
    const level = levels[row] ?? 0;
    if (level < 0 || level >= WORDS.length || !isPresent(column.validity, row)) {
      levels[row] = 0;
    }
  }
  return levels;
}

/** The integers as int32; of 64-bit ones the lower half, which holds every level there is. */
function lowWords({ kind, values, length }: PlainColumn): ArrayLike<number> {
  switch (plainWidth(kind)) {
    case 1:
      return values.subarray(0, length);
    case 2:
      return asInt16(values, length);
    case 4:
      return asInt32(values, length);
    default: {
      const halves = asInt32(values, length * 2);
      return Int32Array.from({ length }, (_, row) => (halves[row * 2 + 1] === 0 ? (halves[row * 2] ?? 0) : -1));
    }
  }
}

/** The words of level numbers as `levelNumbers` gives them. */
export function severityColumn(levels: Int32Array): PlainColumn {
  return gather(WORD_COLUMN, levels, null);
}
