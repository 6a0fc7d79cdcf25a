/**
 * Display options of columns: units, names and colors of levels, colored counts, and filters.
 *
 * They come from the Arrow type, from Micromegas's column names for sizes, durations and levels, and from the unit in
 * the result. Overrides of a panel have precedence.
 */
import { type ArrowType } from '../arrow-ipc';
import { type FrameContext } from './frame-builder';
import { grafanaUnit } from './grafana-units';
import { GRAFANA_LEVEL_NAMES, type LevelName, levelOfString } from './log-severity';
import { type ResultColumn, valueType } from './result-columns';

export type FieldConfig = Readonly<Record<string, unknown>>;

/** Names of Micromegas's levels, from level 1 on, with the colors of Grafana's log views. */
const LEVELS = [
  ['Fatal', 'purple'],
  ['Error', 'red'],
  ['Warn', 'yellow'],
  ['Info', 'green'],
  ['Debug', 'blue'],
  ['Trace', 'light-blue'],
] as const;

/** The colors of time series, by the name that `log-severity.ts` gives to a level. */
const LEVEL_COLORS: ReadonlyMap<LevelName, string> = new Map(
  LEVELS.map(([_level, color], index) => [GRAFANA_LEVEL_NAMES[index + 1], color])
);
/** A longer value of the label `level` is not the name of a level. */
const MAX_LEVEL_CHARACTERS = 20;

/** The level of a value of the label `level`. Numbers may be levels of Micromegas or of syslog, so they are unknown. */
function levelOfLabel(value: string): LevelName {
  return value.length > MAX_LEVEL_CHARACTERS || /^\d/.test(value) ? 'unknown' : levelOfString(value);
}

/** A string that sorts the values of the label `level`: the most severe first, other values after all levels. */
export function levelSortKey(value: string): string {
  const index = GRAFANA_LEVEL_NAMES.indexOf(levelOfLabel(value));
  return `${index === 0 ? GRAFANA_LEVEL_NAMES.length : index} ${value}`;
}

/**
 * The color of a time series whose label `level` is the name of a level. Undefined for other values. This color has
 * precedence over the color scheme of the panel, but not over the overrides of the panel.
 */
export function levelColor(labels: Readonly<Record<string, string>> | undefined): FieldConfig | undefined {
  const color = LEVEL_COLORS.get(levelOfLabel(labels?.level ?? ''));
  return color === undefined ? undefined : { color: { mode: 'fixed', fixedColor: color } };
}

/** Names and colors of the levels of log entries. */
export const LEVEL_CONFIG: FieldConfig = {
  mappings: [
    {
      type: 'value',
      options: Object.fromEntries(LEVELS.map(([level, color], index) => [index + 1, { text: level, color, index }])),
    },
  ],
};

/** Option for a column in a table panel: colors the characters of a cell, not its background. */
export const COLORED_CELL = { cellOptions: { type: 'color-text' } } as const;

/** Display options for a column of counts. Counts from 1 on are shown in `color`. @param width In pixels. */
export function countConfig(color: string, width: number): FieldConfig {
  return {
    unit: 'locale',
    thresholds: {
      mode: 'absolute',
      steps: [
        { value: null, color: 'text' },
        { value: 1, color },
      ],
    },
    color: { mode: 'thresholds' },
    custom: { ...COLORED_CELL, width },
  };
}

/** Names of columns that count bytes. */
const BYTES = /^(payload_size|file_size)$|(^|[_.])bytes$/;
/** Names of columns of net spans that count bits. */
const BITS = /^(bit_size|begin_bits|end_bits)$/;

/**
 * The display options that follow from the type and the name of a column. Undefined if there are none.
 *
 * @param unit Unit of the values, as in `measures.unit`. Applies only to floating point columns, the type of measures:
 *   integers may be counts of rows.
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

/** Types of columns that Grafana can filter by their values. */
const FILTERABLE: ReadonlySet<ArrowType['kind']> = new Set([
  'utf8',
  'largeUtf8',
  'utf8View',
  'int',
  'float',
  'decimal',
  'bool',
]);

/** Adds `filterable` to the display options of a column, if Grafana may offer filters by the values of the column. */
export function withFilterable(
  config: FieldConfig | undefined,
  { name, type }: ResultColumn,
  { isFilterable }: Pick<FrameContext, 'isFilterable'>
): FieldConfig | undefined {
  return FILTERABLE.has(valueType(type).kind) && isFilterable(name) ? { ...config, filterable: true } : config;
}

/** The `duration` of spans has the type Int64 and is in nanoseconds. The unit of other types is unknown. */
function isInt64(type: ArrowType): boolean {
  return type.kind === 'int' && type.bits === 64 && type.signed;
}
