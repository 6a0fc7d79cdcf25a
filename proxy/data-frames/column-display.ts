/**
 * How the values of a column are to be shown: unit, and words with colours for levels.
 *
 * Only what is certain gets a display: the unit of a type that has one, names that Micromegas gives to sizes and durations,
 * the levels of its log entries, and the unit that came with the values. Overrides of a panel win over all of it.
 */
import { type ArrowType } from '../arrow-ipc';
import { grafanaUnit } from './grafana-units';
import { type ResultColumn, valueType } from './result-columns';

export type FieldConfig = Readonly<Record<string, unknown>>;

/** Levels of Micromegas from 1 on, with the colours that Grafana's log views give them. */
const LEVELS = [
  ['Fatal', 'purple'],
  ['Error', 'red'],
  ['Warn', 'yellow'],
  ['Info', 'green'],
  ['Debug', 'blue'],
  ['Trace', 'light-blue'],
] as const;

const LEVEL_CONFIG: FieldConfig = {
  mappings: [
    {
      type: 'value',
      options: Object.fromEntries(LEVELS.map(([text, color], index) => [index + 1, { text, color, index }])),
    },
  ],
};

/** Columns of Micromegas that count bytes, and names that can mean nothing else. */
const BYTES = /^(payload_size|file_size)$|(^|[_.])bytes$/;
/** Columns of net spans. */
const BITS = /^(bit_size|begin_bits|end_bits)$/;

/**
 * @param unit What is known of the unit of the values: a text of `measures.unit`. It is taken for floating point numbers,
 *   as measures are; counts beside them have none.
 */
export function columnConfig(column: ResultColumn, unit?: string): FieldConfig | undefined {
  if (column.converter.unit !== undefined) {
    return { unit: column.converter.unit };
  }
  const name = column.name.toLowerCase();
  const type = valueType(column.type);
  const { kind } = type;
  if (kind === 'int' && name === 'level') {
    return LEVEL_CONFIG;
  }
  if (name === 'duration' && isInt64(type)) {
    return { unit: 'ns' };
  }
  const isNumber = kind === 'int' || kind === 'float' || kind === 'decimal';
  if (isNumber && (BYTES.test(name) || BITS.test(name))) {
    return { unit: BYTES.test(name) ? 'bytes' : 'bits' };
  }
  const known = kind === 'float' && unit !== undefined ? grafanaUnit(unit) : undefined;
  return known === undefined ? undefined : { unit: known };
}

/** Spans have a `duration` of this type, in nanoseconds; computed ones of other types may count anything. */
function isInt64(type: ArrowType): boolean {
  return type.kind === 'int' && type.bits === 64 && type.signed;
}
