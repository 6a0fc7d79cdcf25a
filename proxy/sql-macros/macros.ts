/**
 * The macros that queries may use, by the forms that saved dashboards depend on.
 *
 * Two groups. Those with an SQL meaning (`$__timeFilter(time)`) are this data source's own. The others (`$__from`,
 * `$__range_s`, …) are Grafana's globals: a browser replaces them before the query is sent, but alert rules and public
 * dashboards send the saved text, so they are known here as well.
 */
import { shortText } from '../errors/foreign-text';
import { ProxyError } from '../errors/proxy-error';
import { Rope } from './rope';

export interface MacroContext {
  /** Milliseconds since 1970. */
  fromMs: number;
  toMs: number;
  /** Width that one data point should have, in milliseconds. */
  intervalMs: number;
}

/** A text, or several that a comma separates. */
type Expansion = Rope | readonly Rope[];

export interface Macro {
  /** Smallest and largest number of arguments. */
  args: readonly [number, number];
  /** For the message when the arguments are wrong. */
  usage: string;
  expand(context: MacroContext, args: readonly Rope[]): Expansion;
}

const UNITS = ['minute', 'hour', 'day', 'month', 'year'] as const;

/** RFC 3339 in UTC, whole seconds. */
function rfc3339Seconds(epochMs: number): string {
  return new Date(Math.floor(epochMs / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}

/** An SQL interval that is never zero: whole seconds where they are exact, milliseconds otherwise. */
export function sqlInterval(intervalMs: number): string {
  const ms = Math.max(1, Math.round(intervalMs));
  return ms % 1000 === 0 ? `interval '${ms / 1000} second'` : `interval '${ms} millisecond'`;
}

/** Grafana's own way to write an interval: the largest whole unit, such as `90s`, `5m`, `500ms`. */
export function grafanaInterval(intervalMs: number): string {
  const ms = Math.max(1, Math.round(intervalMs));
  for (const [unitMs, unit] of [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'm'],
    [1000, 's'],
  ] as const) {
    if (ms % unitMs === 0) {
      return `${ms / unitMs}${unit}`;
    }
  }
  return `${ms}ms`;
}

/** A name for a column made from `expression`: its last word, so that `t."Time"` becomes `Time`. */
function aliasBase(expression: Rope): string {
  return expression.lastWord() || 'value';
}

const literal = (epochMs: number) => `'${rfc3339Seconds(epochMs)}'`;
const timestamp = (epochMs: number) => `cast(${literal(epochMs)} as timestamp)`;

function dateBin({ intervalMs }: MacroContext, column: Rope): Rope {
  return Rope.of(`date_bin(${sqlInterval(intervalMs)}, `, column, `, timestamp '1970-01-01T00:00:00Z')`);
}

/** Longest unit, in quotes and with room to spare: a longer text need not be written out to know that it is none. */
const MAX_UNIT_CHARACTERS = 20;

/** Units from the one that is named upwards, as `datepart` calls. */
function timeGroup([column, unit]: readonly Rope[], named: boolean): Rope[] {
  const wanted = unit.length > MAX_UNIT_CHARACTERS ? '' : unit.toString().replace(/['"]/g, '').toLowerCase();
  const first = UNITS.findIndex((candidate) => candidate === wanted);
  if (first === -1) {
    throw new ProxyError('macro_invalid', {
      detail: `$__timeGroup takes the units ${UNITS.join(', ')}, not "${shortText(unit.toString(), 50)}".`,
    });
  }
  const base = named ? aliasBase(column) : '';
  return UNITS.slice(first).map((part) =>
    Rope.of(`datepart('${part}', `, column, named ? `) as ${base}_${part}` : ')')
  );
}

const column = (usage: string, expand: (context: MacroContext, column: Rope) => Rope): Macro => ({
  args: [1, 1],
  usage,
  expand: (context, [argument]) => expand(context, argument),
});
const bare = (usage: string, expand: (context: MacroContext) => string): Macro => ({
  args: [0, 0],
  usage,
  expand: (context) => Rope.of(expand(context)),
});
const between = ({ fromMs, toMs }: MacroContext, c: Rope) =>
  Rope.of(c, ` >= ${literal(fromMs)} AND `, c, ` <= ${literal(toMs)}`);

/** Grafana's globals that are plain text in SQL and in quotes. */
const GLOBALS = {
  interval_ms: ({ intervalMs }: MacroContext) => String(Math.max(1, Math.round(intervalMs))),
  from: ({ fromMs }: MacroContext) => String(fromMs),
  to: ({ toMs }: MacroContext) => String(toMs),
  range: ({ fromMs, toMs }: MacroContext) => `${Math.round((toMs - fromMs) / 1000)}s`,
  range_s: ({ fromMs, toMs }: MacroContext) => String(Math.round((toMs - fromMs) / 1000)),
  range_ms: ({ fromMs, toMs }: MacroContext) => String(toMs - fromMs),
};

export const MACROS: Readonly<Record<string, Macro>> = {
  timeFilter: column('$__timeFilter(column)', between),
  timeRange: column('$__timeRange(column)', between),
  timeRangeFrom: column('$__timeRangeFrom(column)', ({ fromMs }, c) => Rope.of(c, ` >= ${literal(fromMs)}`)),
  timeRangeTo: column('$__timeRangeTo(column)', ({ toMs }, c) => Rope.of(c, ` <= ${literal(toMs)}`)),
  timeFrom: bare('$__timeFrom', ({ fromMs }) => timestamp(fromMs)),
  timeTo: bare('$__timeTo', ({ toMs }) => timestamp(toMs)),
  interval: bare('$__interval', ({ intervalMs }) => sqlInterval(intervalMs)),
  dateBin: column('$__dateBin(column)', dateBin),
  dateBinAlias: column('$__dateBinAlias(column)', (context, c) =>
    Rope.of(dateBin(context, c), ` as ${aliasBase(c)}_binned`)
  ),
  timeGroup: { args: [2, 2], usage: '$__timeGroup(column, unit)', expand: (_, args) => timeGroup(args, false) },
  timeGroupAlias: {
    args: [2, 2],
    usage: '$__timeGroupAlias(column, unit)',
    expand: (_, args) => timeGroup(args, true),
  },
  // Kept for saved queries: the older plugin replaced both with nothing.
  table: { args: [0, 9], usage: '$__table', expand: () => Rope.of() },
  column: { args: [0, 9], usage: '$__column', expand: () => Rope.of() },
  ...Object.fromEntries(Object.entries(GLOBALS).map(([name, expand]) => [name, bare(`$__${name}`, expand)])),
};

/** Globals that make sense inside quotes, where an SQL expression would not: plain numbers and Grafana's intervals. */
export const QUOTED_MACROS: Readonly<Record<string, (context: MacroContext) => string>> = {
  interval: ({ intervalMs }) => grafanaInterval(intervalMs),
  ...GLOBALS,
};
