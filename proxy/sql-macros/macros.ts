/**
 * The macros that queries may use, by the forms that saved dashboards depend on.
 *
 * Two groups. Those with an SQL meaning (`$__timeFilter(time)`) are this data source's own. The others (`$__from`,
 * `$__range_s`, …) are Grafana's globals: a browser replaces them before the query is sent, but alert rules and public
 * dashboards send the saved text, so they are known here as well.
 */
import { ProxyError } from '../errors/proxy-error';

export interface MacroContext {
  /** Milliseconds since 1970. */
  fromMs: number;
  toMs: number;
  /** Width that one data point should have, in milliseconds. */
  intervalMs: number;
}

interface Macro {
  /** Smallest and largest number of arguments. */
  args: readonly [number, number];
  /** For the message when the arguments are wrong. */
  usage: string;
  expand(context: MacroContext, args: readonly string[]): string;
}

const UNITS = ['minute', 'hour', 'day', 'month', 'year'] as const;

/** RFC 3339 in UTC, whole seconds. */
export function rfc3339Seconds(epochMs: number): string {
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
function aliasBase(expression: string): string {
  return /(\w+)\W*$/.exec(expression)?.[1] ?? 'value';
}

const literal = (epochMs: number) => `'${rfc3339Seconds(epochMs)}'`;
const timestamp = (epochMs: number) => `cast(${literal(epochMs)} as timestamp)`;

function dateBin({ intervalMs }: MacroContext, [column]: readonly string[]): string {
  return `date_bin(${sqlInterval(intervalMs)}, ${column}, timestamp '1970-01-01T00:00:00Z')`;
}

/** Units from the one that is named upwards, as `datepart` calls. */
function timeGroup([column, unit]: readonly string[], named: boolean): string {
  const wanted = unit.replace(/['"]/g, '').toLowerCase();
  const first = UNITS.findIndex((candidate) => candidate === wanted);
  if (first === -1) {
    throw new ProxyError('macro_invalid', {
      detail: `$__timeGroup knows the units ${UNITS.join(', ')}, not "${unit}".`,
    });
  }
  return UNITS.slice(first)
    .map((part) => `datepart('${part}', ${column})${named ? ` as ${aliasBase(column)}_${part}` : ''}`)
    .join(',');
}

const column = (usage: string, expand: Macro['expand']): Macro => ({ args: [1, 1], usage, expand });
const bare = (usage: string, expand: Macro['expand']): Macro => ({ args: [0, 0], usage, expand });
const between: Macro['expand'] = ({ fromMs, toMs }, [c]) => `${c} >= ${literal(fromMs)} AND ${c} <= ${literal(toMs)}`;

export const MACROS: Readonly<Record<string, Macro>> = {
  timeFilter: column('$__timeFilter(column)', between),
  timeRange: column('$__timeRange(column)', between),
  timeRangeFrom: column('$__timeRangeFrom(column)', ({ fromMs }, [c]) => `${c} >= ${literal(fromMs)}`),
  timeRangeTo: column('$__timeRangeTo(column)', ({ toMs }, [c]) => `${c} <= ${literal(toMs)}`),
  timeFrom: bare('$__timeFrom', ({ fromMs }) => timestamp(fromMs)),
  timeTo: bare('$__timeTo', ({ toMs }) => timestamp(toMs)),
  interval: bare('$__interval', ({ intervalMs }) => sqlInterval(intervalMs)),
  interval_ms: bare('$__interval_ms', ({ intervalMs }) => String(Math.max(1, Math.round(intervalMs)))),
  dateBin: column('$__dateBin(column)', dateBin),
  dateBinAlias: column(
    '$__dateBinAlias(column)',
    (context, args) => `${dateBin(context, args)} as ${aliasBase(args[0])}_binned`
  ),
  timeGroup: { args: [2, 2], usage: '$__timeGroup(column, unit)', expand: (_, args) => timeGroup(args, false) },
  timeGroupAlias: {
    args: [2, 2],
    usage: '$__timeGroupAlias(column, unit)',
    expand: (_, args) => timeGroup(args, true),
  },
  // Kept for saved queries: the older plugin replaced both with nothing.
  table: { args: [0, 9], usage: '$__table', expand: () => '' },
  column: { args: [0, 9], usage: '$__column', expand: () => '' },
  from: bare('$__from', ({ fromMs }) => String(fromMs)),
  to: bare('$__to', ({ toMs }) => String(toMs)),
  range: bare('$__range', ({ fromMs, toMs }) => `${Math.round((toMs - fromMs) / 1000)}s`),
  range_s: bare('$__range_s', ({ fromMs, toMs }) => String(Math.round((toMs - fromMs) / 1000))),
  range_ms: bare('$__range_ms', ({ fromMs, toMs }) => String(toMs - fromMs)),
};

/** Globals that make sense inside quotes, where an SQL expression would not: plain numbers and Grafana's intervals. */
export const QUOTED_MACROS: Readonly<Record<string, (context: MacroContext) => string>> = {
  interval: ({ intervalMs }) => grafanaInterval(intervalMs),
  interval_ms: (context) => MACROS.interval_ms.expand(context, []),
  from: (context) => MACROS.from.expand(context, []),
  to: (context) => MACROS.to.expand(context, []),
  range: (context) => MACROS.range.expand(context, []),
  range_s: (context) => MACROS.range_s.expand(context, []),
  range_ms: (context) => MACROS.range_ms.expand(context, []),
};
