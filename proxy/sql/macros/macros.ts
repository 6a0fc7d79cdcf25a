/** The expansions of the macros in `contract/sql/macros.ts`. Saved dashboards depend on them. */
import { StringMap } from '../../../contract/string-map';
import { BIN_MACROS, BIN_UNITS, binAliases } from '../../../contract/sql/macro-kinds';
import { type MacroName, MACROS as TABLE, macroUsage } from '../../../contract/sql/macros';
import { foreignLine } from '../../base/errors/foreign-string';
import { inNanosecondRange } from '../../base/nanosecond-range';
import { grafanaInterval, parseInterval, sqlInterval, type BinWidth, widthOfMs, formatWidth } from './intervals';
import { MacroError } from './macro-error';
import { Rope } from './rope';
import { TimeBins, type TimeRange, timestamp } from './time-bins';

/** The values that macros insert, from the request of Grafana. */
export interface MacroContext {
  /** Milliseconds since 1970. */
  fromMs: number;
  toMs: number;
  /** Interval of the panel, in milliseconds. */
  intervalMs: number;
  /** IANA name of the dashboard's time zone. Undefined for UTC. */
  timezone?: string;
  /** True if the query also reads rows outside of the time range. Default: false. */
  readsOtherTimes?: boolean;
}

/**
 * For queries that also read rows outside of the time range, bins follow daylight-saving changes up to this many
 * milliseconds before and after the range.
 */
const OTHER_TIMES_MS = 5 * 365 * 86_400_000;

/** The value that fills empty bins of a result: null, the previous value, or a number. */
export type MacroFill = 'null' | 'previous' | number;

/**
 * The values that the macros of one query insert (`context`), and the bins and the fill that the macros set for the
 * result.
 */
export class MacroScope {
  readonly context: MacroContext;
  /** The bins of the first macro with a fill. If no macro has a fill, the bins of the first macro that creates bins. */
  bins: TimeBins | undefined;
  /** The fill of the first macro with a fill. */
  fill: MacroFill | undefined;
  /** True if a macro contains the start or the end of the time range of the query. */
  readsOwnRange = false;
  /** The shortest and the longest shift of `$__timeShift`, in milliseconds. */
  #shifts: { leastMs: number; mostMs: number } | undefined;
  /** The bins by zone and width. A query may have many macros of the same width. */
  readonly #known = new StringMap<TimeBins>();

  constructor(context: MacroContext) {
    this.context = context;
  }

  /** The time range of the query, moved into the past. */
  shifted(byMs: number): TimeRange {
    const { leastMs, mostMs } = this.#shifts ?? { leastMs: byMs, mostMs: byMs };
    this.#shifts = { leastMs: Math.min(leastMs, byMs), mostMs: Math.max(mostMs, byMs) };
    const { fromMs, toMs } = this.context;
    return { fromMs: inNanosecondRange(fromMs - byMs), toMs: inNanosecondRange(toMs - byMs) };
  }

  /** The range from which the query reads rows: from the earliest to the latest of its macros. */
  get readRange(): TimeRange | undefined {
    if (this.#shifts === undefined) {
      return undefined;
    }
    const { leastMs, mostMs } = this.#shifts;
    const { fromMs, toMs } = this.context;
    return {
      fromMs: inNanosecondRange(fromMs - mostMs),
      toMs: inNanosecondRange(this.readsOwnRange ? toMs : toMs - leastMs),
    };
  }

  /** Bins of a width. The first call sets the bins of the result. @throws {MacroError} for an unknown zone. */
  binsOf(width: BinWidth, zone?: string): TimeBins {
    const key = `${zone ?? ''} ${formatWidth(width)}`;
    const { fromMs, toMs, readsOtherTimes = false } = this.context;
    const marginMs = readsOtherTimes ? OTHER_TIMES_MS : 0;
    const range = { fromMs: fromMs - marginMs, toMs: toMs + marginMs };
    const bins = this.#known.get(key) ?? new TimeBins(width, range, zone);
    this.#known.set(key, bins);
    this.bins ??= bins;
    return bins;
  }
}

/** One expression, or several expressions that become a comma-separated list. */
type Expanded = Rope | readonly Rope[];

/** The expansion of one macro. */
export interface Macro {
  /** Minimum and maximum number of arguments. */
  args: readonly [number, number];
  /** The correct syntax of the macro, for the message about wrong arguments. */
  usage: string;
  /** @throws {MacroError} */
  expand(scope: MacroScope, args: readonly Rope[]): Expanded;
}

type Expand = Macro['expand'];

/** Maximum length of an interval, a unit, a fill or the name of a variable, in UTF-16 units. */
const MAX_WORD_CHARACTERS = 60;

/** The string of a short argument, such as an interval. Empty for a longer argument. */
function word(argument: Rope): string {
  return argument.length > MAX_WORD_CHARACTERS ? '' : argument.toString();
}

function unquoted(value: string): string {
  return value.replace(/['"]/g, '').trim();
}

/** Base of the alias for an expression: its last word, for example `Time` for `t."Time"`. */
function aliasBase(expression: Rope): string {
  return expression.lastWord() || 'value';
}

const literal = (epochMs: number) => timestamp(epochMs).slice('timestamp '.length);
const cast = (epochMs: number) => `cast(${literal(epochMs)} as timestamp)`;

function quotedArgument(argument: Rope): string {
  return `"${foreignLine(argument.toString(), 50)}"`;
}

/** @throws {MacroError} */
function widthOf({ context }: MacroScope, argument: Rope, expected: string): BinWidth {
  const value = word(argument);
  const width = unquoted(value).toLowerCase() === 'auto' ? widthOfMs(context.intervalMs) : parseInterval(value);
  if (width === undefined) {
    throw new MacroError(`${expected}, not ${quotedArgument(argument)}.`);
  }
  return width;
}

/** `$__dateBin` or `$__dateBinAlias`. Without an interval, the expansion is the same as in the earlier Go plugin. */
function dateBin(macro: string, scope: MacroScope, [column, interval, fill]: readonly Rope[]): Rope {
  if (interval === undefined) {
    scope.binsOf({ unit: 'ms', count: Math.max(1, Math.round(scope.context.intervalMs)) });
    return Rope.of(`date_bin(${sqlInterval(scope.context.intervalMs)}, `, column, `, ${timestamp(0)})`);
  }
  const width = widthOf(scope, interval, `${macro} takes an interval such as '1d' or auto, of at most ten years`);
  const bins = scope.binsOf(width, scope.context.timezone);
  fillBins(scope, bins, macro, fill);
  return bins.sql(column);
}

/** `datepart` calls for the unit and for each larger unit. The calls have aliases if the macro adds aliases. */
function dateParts(macro: string, column: Rope, unit: (typeof BIN_UNITS)[number]): Rope[] {
  const aliases = binAliases(macro, aliasBase(column), unit);
  return BIN_UNITS.slice(BIN_UNITS.indexOf(unit)).map((part, index) =>
    Rope.of(`datepart('${part}', `, column, aliases.length === 0 ? ')' : `) as ${aliases[index]}`)
  );
}

/** @throws {MacroError} */
function fillOf(macro: string, argument: Rope): MacroFill {
  const fill = unquoted(word(argument)).toLowerCase();
  if (fill === 'null' || fill === 'previous') {
    return fill;
  }
  const value = fill === '' ? NaN : Number(fill);
  if (!Number.isFinite(value)) {
    throw new MacroError(`${macro} fills with NULL, previous or a number, not with ${quotedArgument(argument)}.`);
  }
  return value;
}

/** Sets the fill of the query if no earlier macro has set one. */
function fillBins(scope: MacroScope, bins: TimeBins, macro: string, fill: Rope | undefined): void {
  if (fill !== undefined) {
    const value = fillOf(macro, fill);
    scope.bins = scope.fill === undefined ? bins : scope.bins;
    scope.fill ??= value;
  }
}

/** The shift of `$__timeShift` in milliseconds. Days have 24 hours. @throws {MacroError} */
function shiftMs(interval: Rope): number {
  const width = parseInterval(word(interval));
  if (width === undefined || width.unit === 'month') {
    throw new MacroError(
      `$__timeShift takes an interval of fixed length such as '1h', '1d' or '1w', of at most ten years, not ${quotedArgument(interval)}.`
    );
  }
  return width.unit === 'ms' ? width.count : width.count * 86_400_000;
}

/** `$__timeGroup` or `$__timeGroupAlias`. */
function timeGroup(macro: string, scope: MacroScope, [column, group, fill]: readonly Rope[]): Expanded {
  const name = unquoted(word(group)).toLowerCase();
  const unit = BIN_UNITS.find((candidate) => candidate === name);
  if (unit !== undefined) {
    if (fill !== undefined) {
      throw new MacroError(`${macro} fills only with an interval such as '5m', not with a unit.`);
    }
    return dateParts(macro, column, unit);
  }
  const expected = `${macro} takes an interval such as '5m' or auto, or one of the units ${BIN_UNITS.join(', ')}`;
  const bins = scope.binsOf(widthOf(scope, group, expected));
  fillBins(scope, bins, macro, fill);
  const [alias] = binAliases(macro, aliasBase(column));
  return alias === undefined ? bins.sql(column) : Rope.of(bins.sql(column), ` AS ${alias}`);
}

/** A variable that the browser did not replace, in any notation. */
const VARIABLE = /^['"]?(?:\$\{?|\[\[)(\w+)/;

function conditionalAll(_: MacroScope, [condition, variable]: readonly Rope[]): Rope {
  const name = VARIABLE.exec(word(variable))?.[1];
  if (name !== undefined) {
    throw new MacroError(
      `$__conditionalAll needs the dashboard variable ${name}, which has no value here. Explore, alert rules and public dashboards have no variables.`
    );
  }
  return Rope.of('(', condition, ')');
}

/** The browser inserts this macro if an operator compares with one value but the variable has several. */
function severalValues(_: MacroScope, [variable]: readonly Rope[]): Rope {
  const name = foreignLine(unquoted(word(variable)));
  throw new MacroError(
    `The dashboard variable ${name} has several values, and the operator before it compares with one.`,
    'variable_several_values'
  );
}

const onColumn =
  (expand: (context: MacroContext, column: Rope) => Rope): Expand =>
  ({ context }, [column]) =>
    expand(context, column);
const fromContext =
  (expand: (context: MacroContext) => string): Expand =>
  ({ context }) =>
    Rope.of(expand(context));
const between = ({ fromMs, toMs }: TimeRange, c: Rope) =>
  Rope.of(c, ` >= ${literal(fromMs)} AND `, c, ` <= ${literal(toMs)}`);

/** Grafana's global variables whose values are the same in SQL and in quotes. */
const GLOBALS = {
  interval_ms: ({ intervalMs }: MacroContext) => String(Math.max(1, Math.round(intervalMs))),
  from: ({ fromMs }: MacroContext) => String(fromMs),
  to: ({ toMs }: MacroContext) => String(toMs),
  range: ({ fromMs, toMs }: MacroContext) => `${Math.round((toMs - fromMs) / 1000)}s`,
  range_s: ({ fromMs, toMs }: MacroContext) => String(Math.round((toMs - fromMs) / 1000)),
  range_ms: ({ fromMs, toMs }: MacroContext) => String(toMs - fromMs),
};

const EXPANSIONS: Readonly<Record<MacroName, Expand>> = {
  timeFilter: onColumn(between),
  timeRange: onColumn(between),
  timeRangeFrom: onColumn(({ fromMs }, c) => Rope.of(c, ` >= ${literal(fromMs)}`)),
  timeRangeTo: onColumn(({ toMs }, c) => Rope.of(c, ` <= ${literal(toMs)}`)),
  timeShift: (scope, [column, interval]) => between(scope.shifted(shiftMs(interval)), column),
  timeFrom: fromContext(({ fromMs }) => cast(fromMs)),
  timeTo: fromContext(({ toMs }) => cast(toMs)),
  interval: fromContext(({ intervalMs }) => sqlInterval(intervalMs)),
  dateBin: (scope, args) => dateBin('$__dateBin', scope, args),
  dateBinAlias: (scope, args) =>
    Rope.of(dateBin('$__dateBinAlias', scope, args), ` as ${binAliases('$__dateBinAlias', aliasBase(args[0]))[0]}`),
  timeGroup: (scope, args) => timeGroup('$__timeGroup', scope, args),
  timeGroupAlias: (scope, args) => timeGroup('$__timeGroupAlias', scope, args),
  conditionalAll,
  // The expansion for a query without filters. With filters, the macro is replaced before macros are expanded.
  adHocFilters: fromContext(() => 'true'),
  interval_ms: fromContext(GLOBALS.interval_ms),
  from: fromContext(GLOBALS.from),
  to: fromContext(GLOBALS.to),
  range: fromContext(GLOBALS.range),
  range_s: fromContext(GLOBALS.range_s),
  range_ms: fromContext(GLOBALS.range_ms),
};

const MACROS: Readonly<Record<string, Macro>> = {
  ...Object.fromEntries(
    TABLE.map((entry): [string, Macro] => {
      const args: readonly string[] = entry.args;
      const required = args.filter((arg) => !arg.endsWith('?')).length;
      return [entry.name, { args: [required, args.length], usage: macroUsage(entry), expand: EXPANSIONS[entry.name] }];
    })
  ),
  // For old saved queries: the Go plugin replaced both macros with an empty string.
  table: { args: [0, 9], usage: '$__table', expand: () => Rope.of() },
  column: { args: [0, 9], usage: '$__column', expand: () => Rope.of() },
  severalValues: { args: [1, 1], usage: "$__severalValues('variable')", expand: severalValues },
};

/** Matches `$__timeShift`, with which a query reads rows of an earlier range. */
export const SHIFT_MACRO = /\$(?:__timeShift\b|\{__timeShift\})/;

/** Matches a macro that creates bins. */
export const BIN_MACRO = new RegExp(`\\$\\{?(?:${BIN_MACROS.map((name) => name.slice(1)).join('|')})`);

/** Macros that are not documented, because authors do not write them. */
const UNLISTED_MACROS: readonly string[] = ['table', 'column', 'severalValues'];

/** Global variables that are also replaced in quoted strings: numbers and Grafana's intervals. */
const QUOTED_MACROS: Readonly<Record<string, (context: MacroContext) => string>> = {
  interval: ({ intervalMs }) => grafanaInterval(intervalMs),
  ...GLOBALS,
};

const IN_QUOTES = /\$(?:__(\w+)|\{__(\w+)\})/g;

/**
 * The macro with a name. @throws {MacroError} if there is no such macro. The message lists the macros that authors
 * write.
 */
export function macroNamed(name: string): Macro {
  if (Object.hasOwn(MACROS, name)) {
    return MACROS[name];
  }
  const known = Object.keys(MACROS).filter((key) => !UNLISTED_MACROS.includes(key));
  throw new MacroError(
    `There is no macro $__${foreignLine(name)}. Known macros: ${known.map((key) => `$__${key}`).join(', ')}.`
  );
}

/** Replaces Grafana's global variables in a quoted or dollar-quoted string. */
export function expandInQuotes(raw: string, context: MacroContext): string {
  if (raw.startsWith('$$')) {
    return `$$${expandInQuotes(raw.slice(2, -2), context)}$$`;
  }
  return raw.replace(IN_QUOTES, (whole: string, plain?: string, braced?: string) => {
    const name = plain ?? braced ?? '';
    return Object.hasOwn(QUOTED_MACROS, name) ? QUOTED_MACROS[name](context) : whole;
  });
}
