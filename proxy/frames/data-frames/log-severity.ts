/**
 * Converts levels of log lines to the names that Grafana colors.
 *
 * Micromegas's levels are 1 Fatal, 2 Error, 3 Warn, 4 Info, 5 Debug, 6 Trace. Grafana would read a number as a syslog
 * level, where 4 is a warning, so numbers become names.
 */
import { SEVERITIES } from '../../../contract/logs/log-frame';
import { asInt16, asInt32, bytesOf, take, isPresent, type PlainColumn, plainWidth } from '../arrow-ipc';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { scratchInt32 } from '../../observe/memory/typed-arrays';

/** Names of levels. The index is the number of the level in Micromegas. 0 stands for an unknown level. */
export const GRAFANA_LEVEL_NAMES = ['unknown', ...SEVERITIES] as const;

export type LevelName = (typeof GRAFANA_LEVEL_NAMES)[number];

const NAMES: readonly string[] = GRAFANA_LEVEL_NAMES;

/** The words and the syslog numbers that Grafana reads as a level; `emergency` since Grafana 13. */
const WORDS: Readonly<Record<Exclude<LevelName, 'unknown'>, string>> = {
  critical: 'emerg emergency fatal alert crit critical 0 1 2',
  error: 'err eror error 3',
  warning: 'warn warning 4',
  info: 'info information informational notice 5 6',
  debug: 'dbug debug 7',
  trace: 'trace',
};

const LEVEL_OF_WORD: ReadonlyMap<string, LevelName> = new Map(
  GRAFANA_LEVEL_NAMES.flatMap((level) =>
    level === 'unknown' ? [] : WORDS[level].split(' ').map((word) => [word, level] as const)
  )
);

/** The level of a string, as Grafana reads it. */
export function levelOfString(value: string): LevelName {
  return LEVEL_OF_WORD.get(value.toLowerCase()) ?? 'unknown';
}

const NAME_COLUMN: PlainColumn = {
  kind: 'utf8',
  length: NAMES.length,
  nullCount: 0,
  validity: null,
  offsets: bytesOf(Int32Array.of(0, ...NAMES.map((_, index) => NAMES.slice(0, index + 1).join('').length))),
  values: Buffer.from(NAMES.join('')),
};

/** Returns the level of each row, from 1 to 6, or 0 for other numbers and for null. The array is scratch memory. */
export function levelNumbers(column: PlainColumn, memory: MemoryAccount): Int32Array {
  const levels = scratchInt32(memory, column.length);
  fillInt32(column, levels);
  for (let row = 0; row < levels.length; row++) {
    const level = levels[row];
    if (level < 0 || level >= NAMES.length || !isPresent(column.validity, row)) {
      levels[row] = 0;
    }
  }
  return levels;
}

/** Converts integers to int32. Integers that are not levels may become other integers, but never levels. */
function fillInt32({ kind, values, length }: PlainColumn, target: Int32Array): void {
  switch (plainWidth(kind)) {
    case 1:
      target.set(values.subarray(0, length));
      break;
    case 2:
      target.set(asInt16(values, length));
      break;
    case 4:
      target.set(asInt32(values, length));
      break;
    default: {
      const halves = asInt32(values, length * 2);
      for (let row = 0; row < length; row++) {
        target[row] = halves[row * 2 + 1] === 0 ? halves[row * 2] : -1;
      }
    }
  }
}

/** The names of levels. @param levels Result of `levelNumbers`. */
export function severityColumn(levels: Int32Array, memory: MemoryAccount): PlainColumn {
  return take(NAME_COLUMN, levels, null, memory);
}
