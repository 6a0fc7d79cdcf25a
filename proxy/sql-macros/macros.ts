/**
 * The macros and their expansions. Saved dashboards depend on both.
 *
 * There are two groups. Macros that become SQL (`$__timeFilter(time)`) belong to this data source. The others (`$__from`,
 * `$__range_s`, …) are Grafana's globals. The browser replaces globals in panels; alert rules and public dashboards send
 * them unchanged, so the proxy replaces them too.
 */
import { shortText } from '../errors/foreign-text';
import { ProxyError } from '../errors/proxy-error';
import { Rope } from './rope';

export interface MacroContext {
  /** Milliseconds since 1970. */
  fromMs: number;
  toMs: number;
  /** Interval of the panel, in milliseconds. */
  intervalMs: number;
}

/** One text, or several texts, which are separated by commas. */
type Expansion = Rope | readonly Rope[];

export interface Macro {
  /** Smallest and largest number of arguments. */
  args: readonly [number, number];
  /** Correct use of the macro, for the message when the arguments are wrong. */
  usage: string;
  expand(context: MacroContext, args: readonly Rope[]): Expansion;
}

const UNITS = ['minute', 'hour', 'day', 'month', 'year'] as const;

/** RFC 3339 in UTC, whole seconds. */
function rfc3339Seconds(epochMs: number): string {
  return new Date(Math.floor(epochMs / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}

/** An SQL interval of at least one millisecond: in seconds if they are exact, else in milliseconds. */
export function sqlInterval(intervalMs: number): string {
  const ms = Math.max(1, Math.round(intervalMs));
  return ms % 1000 === 0 ? `interval '${ms / 1000} second'` : `interval '${ms} millisecond'`;
}

/** An interval as Grafana writes it, with the largest unit that is exact: `90s`, `5m`, `500ms`. */
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

/** Base of the alias for an expression: its last word, `Time` for `t."Time"`. */
function aliasBase(expression: Rope): string {
  return expression.lastWord() || 'value';
}

const literal = (epochMs: number) => `'${rfc3339Seconds(epochMs)}'`;
const timestamp = (epochMs: number) => `cast(${literal(epochMs)} as timestamp)`;

function dateBin({ intervalMs }: MacroContext, column: Rope): Rope {
  return Rope.of(`date_bin(${sqlInterval(intervalMs)}, `, column, `, timestamp '1970-01-01T00:00:00Z')`);
}

/** A longer text cannot be a unit, so its string is not built. The longest unit with quotes has 8 characters. */
const MAX_UNIT_CHARACTERS = 20;

/** `datepart` calls for the given unit and all larger units. */
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

/** Grafana's globals with the same text in SQL and in quotes. */
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
  // For saved queries: the Go plugin replaced both with an empty text.
  table: { args: [0, 9], usage: '$__table', expand: () => Rope.of() },
  column: { args: [0, 9], usage: '$__column', expand: () => Rope.of() },
  ...Object.fromEntries(Object.entries(GLOBALS).map(([name, expand]) => [name, bare(`$__${name}`, expand)])),
};

/** Globals that are also replaced in quoted text: numbers and Grafana's intervals. */
export const QUOTED_MACROS: Readonly<Record<string, (context: MacroContext) => string>> = {
  interval: ({ intervalMs }) => grafanaInterval(intervalMs),
  ...GLOBALS,
};
