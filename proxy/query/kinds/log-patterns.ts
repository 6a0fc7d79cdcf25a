/** Finds the patterns of the texts of a logs query, see `contract/logs/log-patterns.ts`. */
import { DEFAULT_PATTERN_ORDER, DEFAULT_PATTERN_RESULT } from '../../../contract/logs/log-patterns';
import { isSqlWord, type SqlToken, sqlTokenValue, tokenizeSql } from '../../../contract/sql/sql-scan';
import { type EditedSql } from '../../../contract/sql/sql-edits';
import { ProxyError } from '../../base/errors/proxy-error';
import { type ComposedFrame } from '../../frames/data-frames/composed-frames';
import { type CountableQuery } from '../../sql/edit/countable-query';
import { SHIFT_MACRO } from '../../sql/macros/macros';
import { type ResultColumns } from '../../views/lake-reader/result-columns';
import { type ViewContext } from '../../views/view-context';
import { buildSqlString } from '../authored-sql';
import { isAlerting } from '../caller';
import { readLineColumns } from '../counted-lines';
import { withFilters } from '../filters-and-groups';
import { requiredJob } from '../parser-job';
import { countMessages } from '../log-patterns/count-messages';
import { mergedPatterns, OtherLines, type Pattern, unmergedPatterns } from '../log-patterns/pattern';
import { checkedForRule, emptyPatterns, patternNotices } from '../log-patterns/pattern-notices';
import { newCount, newList, patternSeries } from '../log-patterns/pattern-series';
import { type CountedLines } from '../log-patterns/pattern-sql';
import { inOrder, patternTable } from '../log-patterns/pattern-table';
import { type LogPatternsPlan } from '../query-plan';
import { type PreparedQuery, type QueryRun } from '../query-run';
import { checkLongestRange } from '../request-bounds';
import { sqlToSend, type Statement, statementOf } from '../statement';
import { composedQuery } from './views';

/** Bins of the trend in a table. */
const TABLE_BINS = 24;
/** Maximum number of bins of series. */
const MAX_SERIES_BINS = 100;
/** Patterns of a table if the query has no row limit. */
const DEFAULT_PATTERNS = 100;
/** Maximum number of patterns of a table. */
const MAX_PATTERNS = 1000;

/**
 * @throws {ProxyError} The errors of `withFilters`, 'patterns_not_counted', 'time_range_too_long',
 *   'query_field_invalid' for a table in an alert rule, 'internal', and errors of the call that reads columns.
 */
export async function logPatternsQuery(plan: LogPatternsPlan, run: QueryRun): Promise<PreparedQuery> {
  const { user } = run.request.context;
  const { result = DEFAULT_PATTERN_RESULT } = plan.options.patterns;
  if (result === 'table' && isAlerting(user, run.request.headers)) {
    throw new ProxyError('query_field_invalid', {
      detail: 'An alert rule needs numbers, and the result of the query is a table of patterns.',
      advice: 'Choose the result "Over time", "Number of new patterns" or "New patterns".',
    });
  }
  checkLongestRange(plan.options.timeFilter ? run.query.timeRange : undefined, run.instance.settings);
  try {
    return await preparedPatterns(plan, run);
  } catch (reason) {
    if (reason instanceof ProxyError && reason.code === 'volume_not_countable') {
      const { position, messages } = reason;
      throw new ProxyError('patterns_not_counted', { detail: messages.detail, position, cause: reason });
    }
    throw reason;
  }
}

async function preparedPatterns(plan: LogPatternsPlan, run: QueryRun): Promise<PreparedQuery> {
  const asLogs = { ...plan, options: { ...plan.options, format: 'logs' as const } };
  const filtered = await withFilters(asLogs, run);
  if (SHIFT_MACRO.test(filtered.sql.current)) {
    throw new ProxyError('volume_not_countable', { detail: 'The lines are of an earlier time range ($__timeShift).' });
  }
  const statement: Statement = { ...statementOf(plan, run), ...filtered };
  const { current } = statement.sql;
  const countable = await requiredJob({ kind: 'count', sql: current }, { code: 'volume_not_countable' }, run);
  const { body, ...columns } = await readLineColumns(statement, countable, run);
  if (body === undefined) {
    throw new ProxyError('volume_not_countable', { detail: 'The log lines have no text column.' });
  }
  const lines = countedLines(statement, countable, { ...columns, body }, run);
  const frames = (lake: ViewContext) => patternFrames(plan, statement, lines, run, lake);
  return composedQuery({ timezone: plan.options.timezone, frames }, run);
}

/** The lines of the range and of the equally long range before, unless _Longest range_ forbids the earlier lines. */
function countedLines(
  { sql, timeRange, options: { patterns } }: Statement,
  query: CountableQuery,
  columns: CountedLines['columns'],
  { instance: { settings }, query: { intervalMs } }: QueryRun
): CountedLines {
  const { fromMs, toMs } = timeRange;
  const lengthMs = toMs - fromMs;
  const readsBefore = 2 * lengthMs <= (settings.maxRangeMs ?? Infinity) && patterns.result !== 'over-time';
  const bins = Math.max(1, Math.min(MAX_SERIES_BINS, Math.floor(lengthMs / Math.max(1, intervalMs))));
  return {
    sql: sql.current,
    query,
    columns,
    fromMs,
    toMs,
    beforeMs: readsBefore ? fromMs - lengthMs : fromMs,
    bins: patterns.result === 'over-time' ? bins : TABLE_BINS,
  };
}

async function patternFrames(
  plan: LogPatternsPlan,
  statement: Statement,
  lines: CountedLines,
  run: QueryRun,
  lake: ViewContext
): Promise<readonly ComposedFrame[]> {
  const { result = DEFAULT_PATTERN_RESULT, order = DEFAULT_PATTERN_ORDER } = plan.options.patterns;
  const isRule = isAlerting(run.request.context.user, run.request.headers);
  const isAboutNew = result === 'new' || result === 'new-list';
  const counted = await countMessages(
    lines,
    reader(statement, lines, run, lake),
    isAboutNew ? 'new' : 'frequent',
    lake
  );
  const facts = {
    counted,
    lines,
    result: result || DEFAULT_PATTERN_RESULT,
    hasOwnTimes: hasOwnTimes(statement.sql.original, lines.columns.time),
    filterNotices: statement.notices ?? [],
  };
  if (isRule) {
    checkedForRule(facts);
  }
  const { notices, knowsNew } = patternNotices(facts);
  if (isAboutNew) {
    const found = (await unmergedPatterns(counted.texts, lake.pace)).filter((each) => each.before === 0);
    return [result === 'new' ? newCount(counted.newTexts, notices) : newList(found, notices)];
  }
  const all = isRule
    ? await unmergedPatterns(counted.texts, lake.pace)
    : await mergedPatterns(counted.texts, lake.pace);
  const inRange = all.filter((pattern) => pattern.lines > 0);
  if (result === 'over-time') {
    return patternSeries(inRange, counted, lines, notices);
  }
  const limit = Math.min(plan.options.rowLimit ?? DEFAULT_PATTERNS, MAX_PATTERNS);
  const shown: Pattern[] = inOrder(inRange, order || DEFAULT_PATTERN_ORDER, knowsNew).slice(0, limit);
  const table = patternTable(
    {
      patterns: shown,
      counted,
      knowsNew,
      others: new OtherLines(counted.texts),
      source: sourceOf(plan, lines),
      notices: [...notices, ...moreNotice(inRange.length, shown.length)],
    },
    lake.linkTarget
  );
  return shown.length > 0 ? [table] : [emptyPatterns(table, lines, lake)];
}

function moreNotice(found: number, shown: number): Array<{ severity: 'info'; text: string }> {
  return found > shown
    ? [
        {
          severity: 'info',
          text: `${found} patterns were found. The first ${shown} are shown. The row limit of the query changes this number.`,
        },
      ]
    : [];
}

/** Sends statements with the expanded macros of the author's SQL, for the range and the range before. */
function reader(statement: Statement, lines: CountedLines, run: QueryRun, lake: ViewContext) {
  const timeRange = { fromMs: lines.beforeMs, toMs: lines.toMs };
  return async function* read(edited: EditedSql, maxRows: number, columns: ResultColumns) {
    const sentRange = statement.sentRange && timeRange;
    const toSend = sqlToSend({ ...statement, sql: statement.sql.edited(edited), timeRange, sentRange }, run);
    const sql = await buildSqlString(toSend, lake.memory);
    yield* lake.read({ sql, range: sentRange && (toSend.expanded.readRange ?? sentRange), maxRows, columns });
  };
}

function sourceOf({ sql, options }: LogPatternsPlan, { columns: { body, level } }: CountedLines) {
  const { timeFilter, filters } = options;
  return {
    query: { query: sql.original, timeFilter, autoLimit: false, rawEditor: true },
    filters,
    body,
    // The column that was added to the lines has the name of the column of the table.
    level: level?.startsWith('__') ? 'level' : level,
  };
}

const COMPARISONS: readonly string[] = ['<', '<=', '>', '>=', '='];

/**
 * True if the SQL compares the time column itself, or reads the clock, so that the macros of the range are not the only
 * conditions on time. Then lines of the range before may be excluded.
 */
function hasOwnTimes(sql: string, timeColumn: string): boolean {
  const tokens = tokenizeSql(sql);
  const isComparison = (token: SqlToken | undefined) =>
    token !== undefined && (COMPARISONS.includes(token.raw) || isSqlWord(token, 'between'));
  return tokens.some(
    (token, index) =>
      isSqlWord(token, 'now') ||
      isSqlWord(token, 'current_timestamp') ||
      ((token.kind === 'word' || token.kind === 'quoted-name') &&
        sqlTokenValue(token).toLowerCase() === timeColumn.toLowerCase() &&
        (isComparison(tokens[index + 1]) || isComparison(tokens[index - 1])))
  );
}
