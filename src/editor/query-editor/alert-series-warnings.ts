/**
 * Warnings about the time series of an alert rule: gaps, too many intervals, and rows beyond a limit. In rules, Grafana
 * drops the notices of results, so the editor computes these warnings.
 */
import { type DataFrame, FieldType, rangeUtil } from '@grafana/data';
import { t } from '@grafana/i18n';
import { type DataQuery } from '@grafana/schema';
import { get, intersection } from 'lodash';
import { type BuilderState, isZeroWithoutRows } from '../../../contract/builder/builder-state';
import { implicitGroups } from '../../../contract/builder/table-columns';
import { MAX_FILLED_BINS, type MicromegasQueryFields, readQuery } from '../../../contract/queries/query';
import { reductionsOf } from '../../../contract/queries/rule-reductions';
import { type MacroBins, timeBinsOf } from './time-bins';

/** Properties of a rule besides the query. */
export interface RuleContext {
  refId: string;
  /** Interval of the query in the rule, in milliseconds. */
  intervalMs: number;
  /** Length of the time range, in milliseconds. */
  rangeMs: number | undefined;
  /** All queries and expressions of the rule. */
  queries: readonly DataQuery[];
}

/** The data source of expressions. */
const EXPRESSION = '__expr__';

/** The shortest interval that Grafana's form proposes for the evaluation of a rule. The actual one is unknown here. */
const USUAL_EVALUATION_MS = 60_000;

const isExpression = ({ datasource }: DataQuery) => datasource?.uid === EXPRESSION;

/** The `refId` of the first expression that reads the last value of each series of this query. */
function readsLast({ refId, queries }: RuleContext): string | undefined {
  return queries.find((query) => reductionsOf(query).some(({ of, reducer }) => of === refId && reducer === 'last'))
    ?.refId;
}

/** The `refId` of the first Math expression that joins the series of this query and of another query. */
function joinsSeries({ refId, queries }: RuleContext): string | undefined {
  const sources = queries.filter((query) => !isExpression(query)).map((query) => query.refId);
  return queries.find((query) => {
    const expression: unknown = get(query, 'type') === 'math' ? get(query, 'expression') : '';
    const names = [...String(expression).matchAll(/\$(?:\{([^}]+)\}|(\w+))/g)].map(
      ([, braced, plain]) => braced ?? plain
    );
    return names.includes(refId) && intersection(names, sources).length > 1;
  })?.refId;
}

/** The time of the last value of a frame. Undefined without a value. */
function lastTimeOf({ fields }: DataFrame): number | undefined {
  const times: readonly unknown[] = fields.find(({ type }) => type === FieldType.time)?.values ?? [];
  const values: ReadonlyArray<readonly unknown[]> = fields
    .filter(({ type }) => type === FieldType.number)
    .map((field) => field.values);
  const last = times.findLastIndex((_, row) => values.some((column) => typeof column[row] === 'number'));
  return last < 0 ? undefined : Number(times[last]);
}

/** True if a series of the result ends before another series. */
function endsEarly(frames: readonly DataFrame[]): boolean {
  const times = frames.map(lastTimeOf).filter((time) => time !== undefined);
  return times.some((time) => time < times[0]) || times.some((time) => time > times[0]);
}

/** True for counts, sums and rates of increments per group. Intervals without rows of a group have no value. */
function countsGroups(state: BuilderState | undefined): boolean {
  switch (state?.kind) {
    case 'metrics':
      return state.groupBy.length > 0 && isZeroWithoutRows(state.aggregation);
    case 'table':
      return (
        state.groupBy.length + implicitGroups(state).length > 0 &&
        state.columns.some((column) => 'aggregation' in column && isZeroWithoutRows(column.aggregation))
      );
    default:
      return false;
  }
}

function stepsWarning(bins: MacroBins | undefined, isFilled: boolean, rangeMs: number): string | undefined {
  const { intervalMs } = bins ?? {};
  const steps = intervalMs === undefined ? 0 : Math.ceil(rangeMs / intervalMs);
  if (intervalMs === undefined || steps <= MAX_FILLED_BINS) {
    return undefined;
  }
  const values = {
    steps: steps.toLocaleString('en-US'),
    interval: rangeUtil.secondsToHms(intervalMs / 1000),
    max: MAX_FILLED_BINS.toLocaleString('en-US'),
  };
  return isFilled
    ? t(
        'alert.steps-filled',
        'Gaps are not filled: the range has {{steps}} intervals of {{interval}}, and {{max}} are filled at most. Set a longer interval in the query, or Min. Interval in its Options.',
        values
      )
    : t(
        'alert.steps',
        'The range has {{steps}} intervals of {{interval}}. Set a longer interval in the query, or Min. Interval in its Options.',
        values
      );
}

/**
 * The warning about a limit that silently truncates the result of a rule: the limit in the builder, or the row limit of
 * the query. Other limits make the rule fail, so they need no warning: the limits of the data source, and the row limit
 * of a query that fills gaps.
 */
function limitWarning(
  query: MicromegasQueryFields,
  state: BuilderState | undefined,
  frames: readonly DataFrame[],
  isFilled: boolean
): string | undefined {
  const ownLimit = Number(state !== undefined && 'limit' in state ? state.limit : NaN);
  const limits = [isFilled ? undefined : readQuery(query).rowLimit, ownLimit].filter(
    (value) => value !== undefined && value > 0
  );
  const limit = Math.min(...limits.map(Number));
  const rows = frames.reduce((sum, { length }) => sum + length, 0);
  if (limits.length === 0 || rows < limit) {
    return undefined;
  }
  return isFilled
    ? t(
        'alert.limit-filled',
        'The limit of {{limit}} may remove rows, and the rule then reads filled values in their place. Raise the limit, or remove it.',
        { limit: limit.toLocaleString('en-US') }
      )
    : t(
        'alert.limit',
        'The result has as many rows as its limit of {{limit}}, so some may be missing, and their alerts never fire. Raise the limit, or aggregate.',
        { limit: limit.toLocaleString('en-US') }
      );
}

/**
 * The warning about a rule that reads only the last value of each series.
 *
 * @param reader `refId` of the expression.
 */
function lastWarning(
  reader: string,
  series: { bins: MacroBins | undefined; isZeroFilled: boolean; isSparse: boolean }
): string | undefined {
  const { intervalMs } = series.bins ?? {};
  const values = { expression: reader, interpolation: { escapeValue: false } };
  if (series.isZeroFilled) {
    return t(
      'alert.last-zero',
      'The rule reads only the last interval of each series (expression {{expression}}), and an interval without rows is 0. A row counts only while its interval is the last one, so the rule may never fire. Press Use one number per series, or use the function Sum.',
      values
    );
  }
  if (intervalMs !== undefined && intervalMs < USUAL_EVALUATION_MS) {
    return t(
      'alert.last-short',
      'The rule reads only the last interval of each series (expression {{expression}}). An interval is {{interval}}, so a rule that is evaluated every minute does not read the intervals between. Press Use one number per series, or use the function Max or Sum.',
      { ...values, interval: rangeUtil.secondsToHms(intervalMs / 1000) }
    );
  }
  return series.isSparse
    ? t(
        'alert.last',
        'The rule reads the last value of each series (expression {{expression}}). If a series has no rows at the end of the range, its last value may be old. Press Use one number per series, or use the function Sum.',
        values
      )
    : undefined;
}

/**
 * The warnings about the time series of a rule, in the language of the user.
 *
 * @param query  The query of the rule.
 * @param state  The builder state from which the SQL was made. Undefined for other SQL.
 * @param frames The last result. Empty if the query has not run.
 */
export function alertSeriesWarnings(
  query: MicromegasQueryFields,
  state: BuilderState | undefined,
  frames: readonly DataFrame[],
  context: RuleContext
): string[] {
  const { format, fillMode, sql } = readQuery(query);
  const isSeries = format === 'time_series';
  const bins = isSeries ? timeBinsOf(sql, context.intervalMs) : undefined;
  const isFilled = isSeries && (fillMode === undefined ? bins?.isFilled === true : fillMode !== 'null');
  const isZeroFilled = fillMode === undefined ? bins?.isZeroFilled === true : fillMode === 'zero';
  const lastReader = isSeries ? readsLast(context) : undefined;
  const isSparse = !isFilled && (frames.length === 0 ? countsGroups(state) : endsEarly(frames));
  const joiner = isSeries && !isFilled ? joinsSeries(context) : undefined;
  const warnings = [
    context.rangeMs === undefined ? undefined : stepsWarning(bins, isFilled, context.rangeMs),
    limitWarning(query, state, frames, isFilled),
    lastReader === undefined ? undefined : lastWarning(lastReader, { bins, isZeroFilled, isSparse }),
    joiner === undefined
      ? undefined
      : t(
          'alert.ratio',
          'The expression {{expression}} only joins values with the same time, and this query has no value for an interval without rows. Fill gaps with Zero for counts and sums.',
          { expression: joiner, interpolation: { escapeValue: false } }
        ),
  ];
  return warnings.filter((warning) => warning !== undefined);
}
